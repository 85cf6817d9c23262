import ArgumentParser
import Formats
import Foundation
import Identity
import Runs
import Snapshots

struct MapMatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "match", abstract: "Find which rows of two exports are the same organisation.",
    discussion:
      "Both files are CSV with the column id and any of name, domain, website, email, phone, street, postcode, city, state, country and key:… (identifiers that both files have)."
  )

  @Option(help: "CSV file; each of its rows gets a line.") var left: String
  @Option(help: "CSV file in which the rows are looked for.") var right: String
  @Option(help: "Write the lines to this file (default: standard output).") var out: String?
  @Option(help: "How many candidates of a row to review are listed.") var top = 1
  @Flag(help: "Several left rows may be one right row, such as properties of one brand.") var many = false
  @Option(help: "Two-letter code of the country of rows that name none, for phone numbers.") var country: String?
  @Option(help: "CSV of left_id,right_id,match (yes or no): decided pairs, from which the model is taken.")
  var labels: String?

  func validate() throws {
    guard top >= 1 else { throw ValidationError("--top: expected a number from 1 on") }
    if let country, !Matcher.Options.knows(country: country) {
      throw ValidationError("--country: expected a two-letter code such as US, GB or DE")
    }
  }

  func run() async throws {
    try await Console.reportingProblems {
      let (a, b) = try Self.files(left, right)
      for (path, file) in [(left, a), (right, b)] where !file.ignored.isEmpty {
        Console.error("\(path): the column \(file.ignored.joined(separator: ", ")) is not used")
      }
      var options = Matcher.Options()
      options.top = top
      options.allowsMany = many
      options.country = country?.uppercased()
      let matcher = Matcher(options: options)
      let decided = try labels.map { path in
        try Self.reading(path) { try Matcher.labels($0, left: a.rows, right: b.rows) }
      }
      if let decided {
        Console.error(await matcher.crossValidation(left: a.rows, right: b.rows, labels: decided).text)
      }
      let result = await matcher.match(left: a.rows, right: b.rows, labels: decided ?? [])
      let csv = Array(Match.csv(result.matches).utf8)
      if let out { try AtomicFile.write(csv, to: out) } else { try Console.output(csv) }
      for line in result.log { Console.error(line) }
    }
  }

  /// - Throws: ``SnapshotError`` with the problems of both.
  private static func files(_ left: String, _ right: String) throws -> (OrganisationFile, OrganisationFile) {
    let files = [left, right].map { path in
      Result { try reading(path) { try OrganisationFile($0) } }
    }
    let problems = files.compactMap { file -> String? in
      if case .failure(let error) = file { "\(error)" } else { nil }
    }
    guard problems.isEmpty else { throw SnapshotError(problems.joined(separator: "\n")) }
    return (try files[0].get(), try files[1].get())
  }

  /// - Throws: ``SnapshotError`` with all problems by `file:line`.
  static func reading<Value>(_ path: String, _ read: ([UInt8]) throws -> Value) throws -> Value {
    guard let data = try? Data(contentsOf: URL(filePath: path)) else {
      throw SnapshotError("\(path): the file can't be read")
    }
    do {
      return try read([UInt8](data))
    } catch let error as RowProblems {
      throw SnapshotError(error.description(in: path))
    }
  }
}

extension CrossValidation {
  fileprivate var text: String {
    func percent(_ share: Double?) -> String { share.map { String(format: "%.1f %%", 100 * $0) } ?? "not known" }
    return
      "labels: \(matches) matches, \(nonMatches) others; held back in \(folds) parts: precision \(percent(precision)), recall \(percent(recall))"
  }
}

extension Matcher.Result {
  /// What the matcher did, for people.
  var log: [String] {
    let share = allPairs == 0 ? 0 : 100 * Double(comparedPairs) / Double(allPairs)
    return findings + [
      "\(Set(matches.map(\.leftID)).count) rows: \(decisions)",
      "compared \(comparedPairs) of \(allPairs) possible pairs (\(String(format: "%.3f", share)) %)",
    ]
  }
}
