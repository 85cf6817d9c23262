import ConfigurationReading
import Formats
import HealthConfiguration
import Time

/// The mapping with people's decisions applied. Rows and columns that no decision is about stay as they were, byte for byte.
public struct MappingEdit: Sendable {
  /// A link that the edit sets.
  public struct Change: Sendable, Equatable {
    public var accountID: SalesforceID
    public var accountName: String
    public var system: LinkedSystem
    /// Nil where there was none.
    public var from: String?
    public var to: String
  }

  /// The mapping afterwards.
  public private(set) var csv: [UInt8]
  /// New and changed links, in the order of the decisions.
  public private(set) var changes: [Change] = []
  /// Decisions for what the mapping has already.
  public private(set) var confirmed = 0
  /// Accounts that had no row.
  public private(set) var added = 0
  /// The rows that the edit touches, each as column → text.
  public private(set) var rows: [[String: String]] = []

  /// Why nothing is applied, in words for people.
  public struct Refusal: Error, Sendable, CustomStringConvertible {
    public var problems: [String]

    public var description: String { problems.joined(separator: "\n") }
  }

  /// - Parameters:
  ///   - bytes: The mapping; nil where there is none yet.
  ///   - file: Its name, for messages.
  ///   - relinks: Whether existing links may be changed.
  /// - Throws: ``Refusal``, `RowProblems` or `ConfigurationError` where the mapping can't be read or would be wrong.
  public init(
    _ bytes: [UInt8]?, file: String, decisions: [ReviewFile.Decided], by person: String, at now: Timestamp,
    relinks: Bool
  ) throws {
    let bytes = bytes ?? Array(CSV.line(AccountMapping.requiredColumns).utf8)
    let table = try CSVTable(bytes, needing: ["sf_account_id"])
    var raw = try RawRows(bytes)
    var header = table.header
    let added = AccountMapping.verificationColumns.filter { !header.contains($0) }
    header += added
    var places: [SalesforceID: Int] = [:]
    for (index, row) in table.rows.enumerated() {
      if let id = table.text("sf_account_id", row).flatMap({ SalesforceID($0) }), places[id] == nil {
        places[id] = index
      }
    }
    var cells = table.rows.map { row in
      Dictionary(zip(table.header, row.fields.map(\.trimmed))) { first, _ in first }
    }
    var touched: [Int] = []
    var isTouched: Set<Int> = []
    var relinked: [Change] = []
    for decision in decisions where decision.isYes {
      guard let new = decision.system.cells(decision.candidateID) else { continue }
      let index: Int
      if let known = places[decision.accountID] {
        index = known
      } else {
        index = cells.count
        places[decision.accountID] = index
        cells.append(["sf_account_id": decision.accountID.description, "account_name": decision.accountName])
        self.added += 1
      }
      let before = decision.system.id(cells[index])
      let after = decision.system.id(new) ?? decision.candidateID
      cells[index].merge(new) { $1 }
      cells[index]["verified_by"] = person
      cells[index]["verified_at"] = "\(now)"
      if isTouched.insert(index).inserted { touched.append(index) }
      guard before != after else {
        confirmed += 1
        continue
      }
      let change = Change(
        accountID: decision.accountID, accountName: cells[index]["account_name"] ?? "", system: decision.system,
        from: before, to: after)
      changes.append(change)
      if before != nil { relinked.append(change) }
    }
    if !relinked.isEmpty, !relinks {
      throw Refusal(
        problems: relinked.map {
          "\($0.accountID) \($0.system.rawValue): is linked to \($0.from ?? ""), the file says \($0.to)"
        } + ["nothing is written; --relink changes existing links"])
    }
    rows = touched.map { cells[$0] }
    func line(_ cells: [String: String]) -> String { CSV.line(header.map { cells[$0] ?? "" }, ending: "") }
    let padding = String(repeating: ",", count: added.count)
    raw.change(0) { $0 + added.map { "," + $0 }.joined() }
    for index in table.rows.indices {
      if isTouched.contains(index) {
        raw.change(index + 1) { _ in line(cells[index]) }
      } else if !padding.isEmpty {
        raw.change(index + 1) { $0 + padding }
      }
    }
    for index in cells.indices.dropFirst(table.rows.count) { raw.append(line(cells[index])) }
    csv = raw.file
    try check(against: bytes, file: file)
  }

  /// The edit must not leave rows that can't be used, beside those that could not be used before.
  private func check(against before: [UInt8], file: String) throws {
    guard !rows.isEmpty else { return }
    var (old, new): ([ConfigurationProblem], [ConfigurationProblem]) = ([], [])
    let earlier = Set(
      AccountMapping.parse(before, file: file, problems: &old)?.skipped.map(\.problem.description) ?? [])
    guard let mapping = AccountMapping.parse(csv, file: file, problems: &new) else {
      throw Refusal(problems: new.map(\.description) + ["nothing is written"])
    }
    let worse = mapping.skipped.map(\.problem.description).filter { !earlier.contains($0) }
    guard worse.isEmpty else { throw Refusal(problems: worse + ["nothing is written"]) }
  }
}

/// A CSV file cut into its rows, with everything between them as it is.
private struct RawRows {
  private let bytes: [UInt8]
  private let mark: [UInt8]
  /// Of the header and the rows below it; a row of empty fields is none.
  private let places: [Range<Int>]
  private var changed: [Int: String] = [:]
  private var added: [String] = []

  init(_ file: [UInt8]) throws {
    bytes = UTF8Text.withoutMark(file)
    mark = Array(file.prefix(file.count - bytes.count))
    places = try CSV.located(bytes).filter { $0.record.fields.contains { !$0.trimmed.isEmpty } }.map(\.place)
  }

  /// - Parameter row: 0 for the header.
  mutating func change(_ row: Int, _ change: (String) -> String) {
    changed[row] = change(String(decoding: bytes[places[row]], as: UTF8.self))
  }

  mutating func append(_ text: String) { added.append(text) }

  /// The file with its changes. New rows end as the header does.
  var file: [UInt8] {
    var file = mark
    var position = 0
    for (row, place) in places.enumerated() {
      file += bytes[position..<place.lowerBound]
      if let text = changed[row] { file += Array(text.utf8) } else { file += bytes[place] }
      position = place.upperBound
    }
    file += bytes[position...]
    let ending: [UInt8] =
      bytes[(places.first?.upperBound ?? 0)...].prefix(2).elementsEqual([13, 10]) ? [13, 10] : [10]
    if !added.isEmpty, let last = file.last, last != 10 { file += ending }
    for text in added { file += Array(text.utf8) + ending }
    return file
  }
}
