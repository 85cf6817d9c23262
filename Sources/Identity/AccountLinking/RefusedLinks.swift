import Formats
import Time

/// `mapping_refused.csv`: candidates to which somebody said no. They are not proposed again.
public struct RefusedLinks: Sendable, Equatable {
  public static let name = "mapping_refused.csv"
  private static let columns = ["sf_account_id", "system", "candidate_id", "refused_by", "refused_at"]

  private struct Key: Hashable, Sendable {
    var account: SalesforceID
    var system: LinkedSystem
    var candidate: String
  }

  private var lines: [[String]] = []
  private var keys: Set<Key> = []

  public init() {}

  /// - Throws: `RowProblems` where the file can't be used.
  public init(_ bytes: [UInt8]) throws {
    let table = try CSVTable(bytes, needing: Self.columns, allowsSemicolons: true)
    var problems: [String] = []
    for row in table.rows {
      guard let id = table.text("sf_account_id", row).flatMap({ SalesforceID($0) }),
        let system = table.text("system", row).flatMap({ LinkedSystem(rawValue: $0) }),
        let candidate = table.text("candidate_id", row)
      else {
        problems.append("\(row.line): expected a Salesforce id, a system and a candidate_id")
        continue
      }
      keys.insert(Key(account: id, system: system, candidate: candidate))
      lines.append(Self.columns.map { table.text($0, row) ?? "" })
    }
    guard problems.isEmpty else { throw RowProblems(problems) }
  }

  public var count: Int { lines.count }

  public func contains(_ account: SalesforceID, _ system: LinkedSystem, _ candidate: String) -> Bool {
    keys.contains(Key(account: account, system: system, candidate: candidate))
  }

  /// Adds a no, once.
  public mutating func add(
    _ account: SalesforceID, _ system: LinkedSystem, _ candidate: String, by person: String, at now: Timestamp
  ) {
    guard keys.insert(Key(account: account, system: system, candidate: candidate)).inserted else { return }
    lines.append([account.description, system.rawValue, candidate, person, "\(now)"])
  }

  /// Takes a no back: somebody says yes now.
  public mutating func remove(_ account: SalesforceID, _ system: LinkedSystem, _ candidate: String) {
    guard keys.remove(Key(account: account, system: system, candidate: candidate)) != nil else { return }
    lines.removeAll { SalesforceID($0[0]) == account && $0[1] == system.rawValue && $0[2] == candidate }
  }

  public var csv: [UInt8] { Array((CSV.line(Self.columns) + lines.map { CSV.line($0) }.joined()).utf8) }
}
