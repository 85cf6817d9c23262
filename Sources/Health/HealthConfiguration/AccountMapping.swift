import ConfigurationReading
import Formats
import HealthModel
import YAML

/// The parsed `account_mapping.csv`: the accounts to score, and the rows that were skipped.
public struct AccountMapping: Sendable, Equatable {
  /// A row that can't be used. It does not stop a run; the run reports it as a failure.
  public struct SkippedRow: Sendable, Equatable {
    /// The Salesforce id, or `line:N` if the cell holds nothing that looks like an id.
    public var id: String
    /// From `account_name`; may be empty.
    public var name: String
    /// Where the row is wrong, and why.
    public var problem: ConfigurationProblem
  }

  /// In the order of the file. A file without a usable row is refused.
  public var accounts: [MappedAccount] = []
  /// In the order of the file.
  public var skipped: [SkippedRow] = []
  /// One line each, for people: unused columns, ids used twice, a project without a component.
  public var warnings: [String] = []

  public init() {}

  /// In the order in which the product writes them.
  public static let requiredColumns = [
    "sf_account_id", "intercom_company_id", "looker_customer_id", "account_name", "segment", "jira_project_key",
    "jira_component",
  ]
  private static let optional = ["intercom_internal_id"]
  /// What `map apply` notes. They are for people.
  public static let verificationColumns = ["verified_by", "verified_at"]

  /// - Returns: Nil if the file as a whole can't be used; `problems` then says why.
  public static func parse(_ bytes: [UInt8]?, file: String, problems: inout [ConfigurationProblem]) -> AccountMapping? {
    guard let bytes else {
      problems.append(.unreadable(file))
      return nil
    }
    func fatal(_ line: Int, _ message: String, column: Int = 1) -> AccountMapping? {
      problems.append(
        ConfigurationProblem(file: file, mark: SourceMark(line: line, column: column), path: "", message: message))
      return nil
    }
    if let defect = UTF8Text.defect(bytes) {
      return fatal(defect.line, "\(defect.message); save as \"CSV UTF-8\"", column: defect.column)
    }
    let records: [CSV.Record]
    do {
      // Spreadsheets export empty rows as commas only.
      records = try CSV.records(bytes).filter { record in record.fields.contains { !$0.trimmed.isEmpty } }
    } catch let error as CSV.Malformed {
      return fatal(error.line, error.message)
    } catch {
      return fatal(1, "\(error)")
    }
    guard let header = records.first else {
      return fatal(1, "the file is empty, expected a header and at least one account")
    }
    var columns = header.fields.map(\.trimmed)
    while columns.last?.isEmpty ?? false { columns.removeLast() }
    if let cause = foreignSeparator(columns) { return fatal(header.line, cause) }
    let missing = requiredColumns.filter { !columns.contains($0) }
    guard missing.isEmpty else {
      return fatal(
        header.line,
        "the column \(missing.joined(separator: ", ")) is missing, expected \(requiredColumns.joined(separator: ","))")
    }
    let named = columns.filter { !$0.isEmpty }
    guard Set(named).count == named.count else { return fatal(header.line, "a column is named twice") }
    guard records.count > 1 else {
      return fatal(header.line, "no accounts, expected at least one row below the header")
    }
    var reader = RowReader(file: file, columns: columns)
    for record in records.dropFirst() { reader.add(record) }
    var mapping = reader.mapping
    let ignored = columns.filter { !(requiredColumns + optional + verificationColumns).contains($0) && !$0.isEmpty }
    if !ignored.isEmpty {
      mapping.warnings.append("\(file):\(header.line): the column \(ignored.joined(separator: ", ")) is not used")
    }
    guard !mapping.accounts.isEmpty else {
      problems += mapping.skipped.map(\.problem)
      return fatal(header.line, "no row can be used, expected at least one account")
    }
    return mapping
  }

  /// The message for a header that is not separated by commas; nil if there is nothing wrong.
  private static func foreignSeparator(_ columns: [String]) -> String? {
    let first = columns.first ?? ""
    if first.lowercased().hasPrefix("sep=") {
      return "a spreadsheet's sep= line; remove it, and separate the columns by commas"
    }
    guard let (sign, name) = [(";", "semicolons"), ("\t", "tabs")].first(where: { first.contains($0.0) }),
      first.split(separator: sign).count > 1
    else { return nil }
    return "the columns are separated by \(name), expected commas; save as \"CSV UTF-8\" with commas"
  }
}

/// Checks rows in file order. A Salesforce id that an earlier row has is refused; other repeated ids cause a warning.
private struct RowReader {
  let file: String
  let columns: [String]
  var mapping = AccountMapping()
  private var seenAccounts: [SalesforceID: Int] = [:]
  private var seenIDs: [String: Int] = [:]

  init(file: String, columns: [String]) {
    self.file = file
    self.columns = columns
  }

  mutating func add(_ record: CSV.Record) {
    var values: [String: String] = [:]
    for (column, field) in zip(columns, record.fields) where !field.trimmed.isEmpty { values[column] = field.trimmed }
    let name = values["account_name"] ?? ""
    func problem(_ column: String, _ message: String) -> AccountMapping.SkippedRow {
      let position = columns.firstIndex(of: column) ?? 0
      // The column within the line. Exact only if no field before it is quoted.
      let offset = record.fields.prefix(position).reduce(0) { $0 + $1.count + 1 } + 1
      return .init(
        // Reported only if it looks like an id: if columns are shifted, the cell may hold anything.
        id: values["sf_account_id"].flatMap { $0.isIDLike ? $0 : nil } ?? "line:\(record.line)", name: name,
        problem: ConfigurationProblem(
          file: file, mark: SourceMark(line: record.line, column: offset), path: column, message: message))
    }
    // Spreadsheets append empty cells to a row. They don't count.
    var count = record.fields.count
    while count > columns.count, record.fields[count - 1].trimmed.isEmpty { count -= 1 }
    guard count == columns.count else {
      return mapping.skipped.append(problem(columns[0], "the row has \(count) fields, expected \(columns.count)"))
    }
    for column in columns where column.hasSuffix("_id") || column == "jira_project_key" {
      guard let leftover = values[column]?.spreadsheetLeftover else { continue }
      return mapping.skipped.append(
        problem(column, "\(leftover), not an id; format the column as text in the spreadsheet and enter the id again"))
    }
    var account = MappedAccount(line: record.line, salesforceID: nil, name: name)
    if let text = values["sf_account_id"] {
      guard let id = SalesforceID(text) else {
        return mapping.skipped.append(
          problem(
            "sf_account_id", "not a Salesforce id, expected 15 or 18 letters and digits with a right check suffix"))
      }
      if let line = seenAccounts[id] {
        return mapping.skipped.append(problem("sf_account_id", "the account stands in line \(line) already"))
      }
      account.salesforceID = id
    }
    if let text = values["segment"] {
      guard let segment = Segment(rawValue: text.lowercased()) else {
        return mapping.skipped.append(
          problem("segment", "unknown segment, expected paid, standard, or nothing where the ARR decides"))
      }
      account.segment = segment
    }
    for column in [
      "intercom_company_id", "intercom_internal_id", "looker_customer_id", "jira_project_key", "jira_component",
    ] {
      guard let text = values[column] else { continue }
      guard text.count <= 255, !text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
        return mapping.skipped.append(problem(column, "malformed id, expected at most 255 printable characters"))
      }
    }
    if let key = values["jira_project_key"], !key.isProjectKey {
      return mapping.skipped.append(
        problem("jira_project_key", "not a Jira project key, expected a letter, then letters, digits or _"))
    }
    guard values.keys.contains(where: { $0.hasSuffix("_id") || $0 == "jira_project_key" }) else {
      return mapping.skipped.append(problem(columns[0], "the row names no system's id, expected at least one"))
    }
    account.intercomCompanyID = values["intercom_company_id"]
    account.intercomInternalID = values["intercom_internal_id"]
    account.lookerCustomerID = values["looker_customer_id"]
    account.jiraProject = values["jira_project_key"]?.uppercased()
    account.jiraComponent = values["jira_component"]
    if account.name.isEmpty { account.name = account.id }
    if account.jiraProject != nil, account.jiraComponent == nil {
      mapping.warnings.append(
        "\(file):\(record.line): jira_component: is empty, so that no bugs are read for the account; name the component that its bugs carry in \(account.jiraProject ?? "")"
      )
    }
    warnAboutReuse(values, account)
    if let id = account.salesforceID { seenAccounts[id] = record.line }
    mapping.accounts.append(account)
  }

  private mutating func warnAboutReuse(_ values: [String: String], _ account: MappedAccount) {
    var ids = ["intercom_company_id", "intercom_internal_id", "looker_customer_id"].compactMap { column in
      values[column].map { (column, $0) }
    }
    if let project = account.jiraProject, let component = account.jiraComponent {
      ids.append(("jira_component", project + "/" + component.lowercased()))
    }
    for (column, id) in ids {
      if let line = seenIDs["\(column) \(id)"] {
        mapping.warnings.append(
          "\(file):\(account.line): \(column): used in line \(line) too; both accounts get its data")
      } else {
        seenIDs["\(column) \(id)"] = account.line
      }
    }
  }
}

extension String {
  fileprivate var isProjectKey: Bool {
    (utf8.first?.isASCIILetter ?? false) && isASCIIAlphanumeric(or: "_")
  }
}

extension String {
  /// What a spreadsheet left in place of an id, in words; nil if the text can be an id.
  fileprivate var spreadsheetLeftover: String? {
    let text = uppercased()
    if text.hasPrefix("#") { return "a spreadsheet's error value" }
    if ["NULL", "N/A", "NA", "NONE", "NAN", "NIL", "UNDEFINED"].contains(text) { return "a word for \"nothing\"" }
    if ["TRUE", "FALSE"].contains(text) { return "a truth value" }
    // Such as 5.98E+23: the last digits of the id are lost.
    let parts = text.split(separator: "E", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].hasPrefix("+"), Int(parts[1]) != nil,
      Double(parts[0].replacing(",", with: ".")) != nil
    else { return nil }
    return "a number rounded by a spreadsheet"
  }
}

extension String {
  fileprivate var isIDLike: Bool {
    (15...18).contains(utf8.count) && isASCIIAlphanumeric()
  }
}
