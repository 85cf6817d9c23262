import AccountLinking
import ArgumentParser
import Foundation
import Identity
import Runs

struct MapSuggestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suggest",
    abstract: "Write candidates for missing and doubtful links to a file that people decide in.",
    discussion: """
      The file is mapping_review.csv in OUTPUT_DIR. Fill its column answer with yes, no or later, in any spreadsheet, and \
      hand it to `healthscore map apply`. Sure candidates come with yes; look at them too.
      """)

  @OptionGroup var configuration: ConfigurationOptions

  func run() async throws {
    try await Console.reportingProblems {
      let place = try MapWorkplace(configuration)
      let mapped = try await place.mapped()
      let refused = try place.refused()
      let rosters = try await place.rosters()
      let suggestions = await Suggestions.finding(in: rosters, mapped: mapped, refused: refused)
      let path = "\(place.environment.outputDirectory)/\(ReviewFile.name)"
      try AtomicFile.write(ReviewFile.csv(suggestions.rows), to: path)
      for warning in rosters.warnings { Console.error(warning) }
      Console.error("read with \(rosters.requests) requests")
      for line in suggestions.log { try Console.print(line) }
      if refused.count > 0 { try Console.print("\(refused.count) refused links are not proposed again") }
      try Console.print("\(path): decide in the column answer, then `healthscore map apply \(path) --by NAME`")
    }
  }
}
