import Formats
import Identity

/// A candidate for one link, as `mapping_review.csv` shows it to people.
public struct ReviewRow: Sendable, Equatable {
  public var accountID: SalesforceID
  public var accountName: String
  public var system: LinkedSystem
  /// What the mapping has now; empty where it has nothing.
  public var currentID: String
  /// Empty where there is no candidate.
  public var candidateID: String
  public var candidateName: String
  public var decision: Match.Decision
  public var answer: Answer?
  public var probability: Double
  public var margin: Double
  public var evidence: String

  /// What a person says of it. Nil: nothing yet.
  public enum Answer: String, Sendable, CaseIterable { case yes, no, later }
}

/// `mapping_review.csv`, which people fill in with a spreadsheet.
public enum ReviewFile {
  public static let name = "mapping_review.csv"
  public static let columns = [
    "sf_account_id", "account_name", "system", "current_id", "candidate_id", "candidate_name", "decision", "answer",
    "probability", "margin", "evidence",
  ]

  /// Text that a spreadsheet would run as a formula is defused.
  public static func csv(_ rows: [ReviewRow]) -> [UInt8] {
    Array(
      (CSV.line(columns)
        + rows.map { row in
          CSV.line(
            [
              row.accountID.description, row.accountName, row.system.rawValue, row.currentID, row.candidateID,
              row.candidateName, row.decision.rawValue, row.answer?.rawValue ?? "", row.probability.fourDecimals,
              row.margin.fourDecimals, row.evidence,
            ].map(CSV.defused))
        }.joined()).utf8)
  }

  /// A row that somebody answered with yes or no.
  public struct Decided: Sendable, Equatable {
    public var line: Int
    public var accountID: SalesforceID
    /// Empty where the file has none.
    public var accountName: String
    public var system: LinkedSystem
    public var candidateID: String
    public var isYes: Bool
  }

  /// Reads what people answered. The columns may stand in any order, with commas or semicolons; others are not used.
  ///
  /// - Throws: `RowProblems` with every row that can't be used.
  public static func decided(_ bytes: [UInt8]) throws -> [Decided] {
    let table = try CSVTable(
      bytes, needing: ["sf_account_id", "system", "candidate_id", "answer"],
      expected: columns.joined(separator: ","), allowsSemicolons: true)
    var problems: [String] = []
    var decided: [Decided] = []
    var answered: [String: Int] = [:]
    for row in table.rows {
      func note(_ text: String) { problems.append("\(row.line): \(text)") }
      guard let text = table.text("answer", row) else { continue }
      let answer = ReviewRow.Answer(rawValue: text.lowercased())
      if answer == nil { note("answer is none of yes, no, later") }
      guard let answer, answer != .later else { continue }
      let id = table.text("sf_account_id", row).flatMap { SalesforceID($0.withoutDefusing) }
      if id == nil { note("sf_account_id is not a Salesforce id of 15 or 18 letters and digits") }
      let system = table.text("system", row).flatMap { LinkedSystem(rawValue: $0.lowercased()) }
      if system == nil { note("system is none of \(LinkedSystem.allCases.map(\.rawValue).joined(separator: ", "))") }
      let candidate = table.text("candidate_id", row)?.withoutDefusing
      if candidate == nil { note("there is an answer and no candidate_id") }
      if let candidate, let system, system.cells(candidate) == nil {
        note("candidate_id: expected PROJECT/component, such as STAY/North Wing")
      }
      guard let id, let system, let candidate, system.cells(candidate) != nil else { continue }
      if answer == .yes, let line = answered.updateValue(row.line, forKey: "\(id) \(system.rawValue)") {
        note("the account has a yes for \(system.rawValue) in line \(line) already; leave one")
      }
      decided.append(
        Decided(
          line: row.line, accountID: id, accountName: table.text("account_name", row)?.withoutDefusing ?? "",
          system: system, candidateID: candidate, isYes: answer == .yes))
    }
    guard problems.isEmpty else { throw RowProblems(problems) }
    return decided
  }
}

extension String {
  /// Without the apostrophe that keeps a spreadsheet from running a cell.
  fileprivate var withoutDefusing: String {
    let rest = String(dropFirst())
    return hasPrefix("'") && CSV.defused(rest) == self ? rest : self
  }
}
