import AccountLinking
import ArgumentParser
import ConfigurationReading
import Formats
import Foundation
import HealthConfiguration
import HealthJob
import Runs
import Snapshots
import Time

struct MapApplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Put the answers of mapping_review.csv into the mapping, all or nothing.")

  @Argument(help: "The file that people decided in.") var file: String
  @Option(name: .customLong("by"), help: "Who decided.") var person: String
  @Flag(help: "Also change links that the mapping has already.") var relink = false
  @Option(help: "Write the mapping to this file, and leave account_mapping.csv alone.") var out: String?
  @Flag(
    help: "Write to the table that MAPPING_TABLE names. The first time, the rows of account_mapping.csv go there too.")
  var table = false
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard !person.trimmed.isEmpty, person.withoutControlCharacters == person else {
      throw ValidationError("--by: expected a name in one line")
    }
    if table, out != nil { throw ValidationError("--table and --out: expected one of them") }
  }

  func run() async throws {
    try await Console.reportingProblems {
      let place = try MapWorkplace(configuration)
      let decided = try MapMatchCommand.reading(file) { try ReviewFile.decided($0) }
      guard !decided.isEmpty else {
        return try Console.print("\(file): no row is answered with yes or no; nothing is changed")
      }
      // Two people at once: the second is told, and starts from what the first has written.
      let lock = try FolderLock(place.folder)
      defer { lock.release() }
      var refused = try place.refused()
      let now = TimeSource.system.now
      for row in decided {
        if row.isYes {
          refused.remove(row.accountID, row.system, row.candidateID)
        } else {
          refused.add(row.accountID, row.system, row.candidateID, by: person.trimmed, at: now)
        }
      }
      let (edit, target) = try await applied(decided, place, at: now)
      let earlier = try MapWorkplace.bytes(place.refusedPath)
      if refused.count > 0 || earlier != nil, refused.csv != earlier {
        try AtomicFile.write(refused.csv, to: place.refusedPath)
      }
      for change in edit.changes {
        try Console.print(
          "\(change.accountID) \(change.accountName): \(change.system.rawValue) \(change.from.map { "\($0) → " } ?? "")\(change.to)"
        )
      }
      let no = decided.count { !$0.isYes }
      try Console.print(
        "\(target): \(edit.changes.count) links set, \(edit.confirmed) confirmed, \(edit.added) accounts added; \(no) candidates refused"
      )
    }
  }

  private func applied(
    _ decided: [ReviewFile.Decided], _ place: MapWorkplace, at now: Timestamp
  ) async throws -> (MappingEdit, String) {
    func edit(_ bytes: [UInt8]?, _ name: String) throws -> MappingEdit {
      do {
        return try MappingEdit(bytes, file: name, decisions: decided, by: person.trimmed, at: now, relinks: relink)
      } catch let error as MappingEdit.Refusal {
        throw SnapshotError("\(error)")
      } catch let error as RowProblems {
        throw SnapshotError(error.description(in: name))
      }
    }
    guard table else {
      if out == nil, let name = place.environment[MappingTable.variable] {
        throw SnapshotError(
          "\(MappingTable.variable) is set, so runs read the table \(name): pass --table, or unset the variable; nothing is written"
        )
      }
      let edit = try edit(MapWorkplace.bytes(place.mappingPath), ConfigurationFiles.mappingName)
      let target = out ?? place.mappingPath
      if !edit.rows.isEmpty || out != nil { try AtomicFile.write(edit.csv, to: target) }
      return (edit, target)
    }
    guard let table = try place.table() else {
      throw SnapshotError("--table: set \(MappingTable.variable) to the table's name")
    }
    let contents = try await table.contents()
    let isFirst = contents.csv == nil
    let edit = try edit(isFirst ? MapWorkplace.bytes(place.mappingPath) : contents.csv, table.name)
    let (rows, left) = isFirst ? try Self.rows(edit.csv) : (edit.rows, 0)
    if left > 0 {
      Console.error(
        "\(left) rows of \(ConfigurationFiles.mappingName) have no usable Salesforce id, or one that stands there already; the table takes them not"
      )
    }
    guard !rows.isEmpty else { return (edit, table.name) }
    do {
      try await table.write(rows, over: contents, by: person.trimmed, at: now)
    } catch let error as MappingTable.Refusal {
      throw SnapshotError("\(error)")
    } catch let error as MappingTable.Conflict {
      throw SnapshotError("\(error)")
    }
    return (edit, table.name)
  }

  /// The rows that a table can hold, which knows an account by its Salesforce id, and the number of others.
  private static func rows(_ csv: [UInt8]) throws -> ([[String: String]], others: Int) {
    let table = try CSVTable(csv)
    var seen: Set<SalesforceID> = []
    let rows = table.rows.compactMap { row -> [String: String]? in
      guard let id = table.text("sf_account_id", row).flatMap({ SalesforceID($0) }), seen.insert(id).inserted else {
        return nil
      }
      var cells = Dictionary(zip(table.header, row.fields.map(\.trimmed))) { first, _ in first }
      cells["sf_account_id"] = id.description
      return cells
    }
    return (rows, table.rows.count - rows.count)
  }
}

/// Keeps two commands from changing the files of a folder at once. It ends with the process, however that ends.
struct FolderLock {
  private let file: Int32

  /// - Throws: ``SnapshotError`` where another process has it, or there is no such folder.
  init(_ folder: String) throws {
    file = open(folder, O_RDONLY)
    guard file >= 0 else { throw SnapshotError("\(folder): there is no such folder, or it can't be read") }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      close(file)
      throw SnapshotError(
        "somebody else is changing the mapping in \(folder) at this moment; nothing is written, apply again when they are done"
      )
    }
  }

  func release() { close(file) }
}
