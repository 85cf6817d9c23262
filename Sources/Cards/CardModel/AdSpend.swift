import Formats
import Time

/// What a day of advertising cost.
public struct AdSpend: Sendable, Equatable {
  /// What tells rows of several files apart: the later file's row replaces the earlier one's.
  public struct Key: Hashable, Sendable {
    public var date: CalendarDate
    public var channel: String
    public var account: String
    public var campaign: String
  }

  public var key: Key
  /// In ``currency``; below zero for a credit.
  public var amount: Rational
  /// Three letters.
  public var currency: String

  public static let columns = ["spend_date", "channel", "account", "campaign", "amount", "currency", "note"]
  public static let channels = ["google_ads", "meta", "linkedin", "microsoft_ads", "other"]

  /// The rows of a file.
  ///
  /// - Parameters:
  ///   - lastDay: A later date is refused.
  /// - Throws: `RowProblems` with every bad row and what was expected; then none of the rows counts.
  public static func rows(_ bytes: [UInt8], lastDay: CalendarDate) throws -> [AdSpend] {
    let header = columns.joined(separator: ",")
    let table = try CSVTable(bytes, needing: columns, expected: header)
    guard table.header == columns else { throw RowProblems(["1: expected the header \(header), in this order"]) }
    var problems: [String] = []
    var lines: [Key: Int] = [:]
    var rows: [AdSpend] = []
    for record in table.rows {
      var missing: [String] = []
      func cell(_ column: String) -> String {
        if let text = table.text(column, record) { return text }
        missing.append("\(column): is missing")
        return ""
      }
      let (dateText, channel, account) = (cell("spend_date"), cell("channel"), cell("account"))
      let (campaign, amountText, currency) = (cell("campaign"), cell("amount"), cell("currency"))
      guard missing.isEmpty else {
        problems += missing.map { "\(record.line): \($0)" }
        continue
      }
      func note(_ column: String, _ expected: String) {
        problems.append("\(record.line): \(column): expected \(expected)")
      }
      let date = CalendarDate(iso8601: dateText)
      if date == nil { note("spend_date", "a day such as 2026-11-26") }
      if let date, date > lastDay { note("spend_date", "a day that is not in the future") }
      if !channels.contains(channel) { note("channel", "one of \(channels.joined(separator: ", "))") }
      let amount = amountText.lowercased().contains("e") ? nil : Rational(amount: amountText)
      if amount == nil { note("amount", "a decimal number such as 412.37, without a thousands mark") }
      let isCurrency = currency.utf8.count == 3 && currency.utf8.allSatisfy { (65...90).contains($0) }
      if !isCurrency { note("currency", "the three letters of a currency, such as USD") }
      guard let date, let amount, date <= lastDay, isCurrency, channels.contains(channel) else { continue }
      let key = Key(date: date, channel: channel, account: account, campaign: campaign)
      if let first = lines[key] {
        problems.append(
          "\(record.line): the same day, channel, account and campaign as in line \(first), expected each once")
      }
      lines[key] = record.line
      rows.append(AdSpend(key: key, amount: amount, currency: currency))
    }
    guard problems.isEmpty else { throw RowProblems(problems) }
    return rows
  }
}

extension CalendarDate {
  /// Exactly `2026-11-26`; nil for everything else.
  public init?(iso8601 text: String) {
    guard text.utf8.count == 10, let instant = Timestamp(iso8601: text) else { return nil }
    self = instant.date
  }
}
