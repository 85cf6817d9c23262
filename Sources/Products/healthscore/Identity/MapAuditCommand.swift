import AccountLinking
import ArgumentParser
import Foundation
import Runs

struct MapAuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Show which identifiers each system has, what is mapped, and what can link the rest.")

  @Option(help: "How to print: table or json.") var output = OutputFormat.table
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    if output == .csv { throw ValidationError("--output: expected table or json; the CSV is written to OUTPUT_DIR") }
  }

  func run() async throws {
    let (audit, warnings, path) = try await Console.reportingProblems {
      let place = try MapWorkplace(configuration)
      let mapped = try await place.mapped()
      let rosters = try await place.rosters()
      let audit = MappingAudit(rosters, mapped: mapped)
      let path = "\(place.environment.outputDirectory)/\(MappingAudit.fileName)"
      try AtomicFile.write(audit.csv, to: path)
      return (audit, rosters.warnings + ["read with \(rosters.requests) requests"], path)
    }
    switch output {
    case .json: try Console.output(audit.json)
    case .table, .csv: try Console.print(audit.text)
    }
    for warning in warnings { Console.error(warning) }
    Console.error("\(path) has a line for each identifier")
  }
}

extension MappingAudit {
  fileprivate var text: String {
    var lines = systems.map { "\($0.name): \($0.accounts) accounts, \($0.mapped) mapped" }
    let arr = unmappedARR.map { ", ARR \(AnswerTable.amount($0))" } ?? ""
    lines.append("without a row in the mapping: \(unmappedAccounts) accounts of salesforce\(arr)")
    let rows = systems.flatMap { system in
      system.identifiers.map { identifier in
        [
          system.name, identifier.field, "\(identifier.filledPercent) %", "\(identifier.uniquePercent) %",
          identifier.looksLike ?? "",
        ]
      }
    }
    let table = TextTable(["SYSTEM", "FIELD", "FILLED", "UNIQUE", "LOOKS LIKE"], rows, rightAligned: [2, 3])
    let ways = strategies.map { "\($0.isSupported ? "yes" : "no ")  \($0.name): \($0.why)" }
    return (lines + [""] + table.lines + ["", "Ways to link:"] + ways).joined(separator: "\n")
  }
}
