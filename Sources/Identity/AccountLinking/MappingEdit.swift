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
    let table = try CSVTable(bytes)
    var records = RawRecords(bytes)
    var header = table.header
    let added = AccountMapping.verificationColumns.filter { !header.contains($0) }
    header += added
    guard header.contains("sf_account_id") else { throw RowProblems(["1: the column sf_account_id is missing"]) }
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
      if !touched.contains(index) { touched.append(index) }
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
    records.replace(at: 0) { $0 + added.map { "," + $0 }.joined() }
    // Blank lines are records too, but no rows.
    for index in table.rows.indices {
      let isTouched = touched.contains(index)
      records.replaceRow(at: index) { isTouched ? line(cells[index]) : $0 + padding }
    }
    for index in cells.indices.dropFirst(table.rows.count) { records.append(line(cells[index])) }
    csv = records.bytes
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

/// A CSV file cut into its records, quotes and line ends as they are.
private struct RawRecords {
  private var mark: [UInt8]
  /// Each with its line end.
  private var records: [[UInt8]] = []
  /// Where the rows below the header stand.
  private var places: [Int] = []
  private let ending: String

  init(_ bytes: [UInt8]) {
    let rest = UTF8Text.withoutMark(bytes)
    mark = Array(bytes.prefix(bytes.count - rest.count))
    var record: [UInt8] = []
    var isQuoted = false
    for byte in rest {
      record.append(byte)
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if byte == 10, !isQuoted {
        records.append(record)
        record = []
      }
    }
    if !record.isEmpty { records.append(record) }
    ending = records.first.map { $0.suffix(2).elementsEqual([13, 10]) ? "\r\n" : "\n" } ?? "\n"
    places = records.indices.filter { index in
      // As the reader does: a line of separators and white space only is no row.
      records[index].contains { ![44, 32, 9, 10, 13, 34].contains($0) }
    }
  }

  private static func split(_ record: [UInt8]) -> (text: String, ending: String) {
    let text = record.reversed().drop { $0 == 10 || $0 == 13 }.reversed()
    return (String(decoding: Array(text), as: UTF8.self), String(decoding: record[text.count...], as: UTF8.self))
  }

  mutating func replace(at place: Int, _ change: (String) -> String) {
    guard places.indices.contains(place) else { return }
    let (text, end) = Self.split(records[places[place]])
    records[places[place]] = Array((change(text) + (end.isEmpty ? ending : end)).utf8)
  }

  mutating func replaceRow(at row: Int, _ change: (String) -> String) { replace(at: row + 1, change) }

  mutating func append(_ text: String) { records.append(Array((text + ending).utf8)) }

  var bytes: [UInt8] { mark + records.joined() }
}
