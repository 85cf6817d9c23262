import Formats

/// Customers as comma-separated values: every field, one line a customer. Missing values are empty, and no text runs as a
/// formula in a spreadsheet.
public enum CustomerCSV {
  public static let fileName = "unified_customers.csv"

  public static var headerLine: [UInt8] {
    Array(CSV.line(CustomerField.allCases.map(\.rawValue), ending: "\r\n").utf8)
  }

  public static func line(_ customer: Customer) -> [UInt8] {
    Array(
      CSV.line(
        CustomerField.allCases.map { field in
          switch customer[field] {
          case .text(let text): CSV.defused(text)
          default: customer[field]?.words ?? ""
          }
        }, ending: "\r\n"
      ).utf8)
  }
}

extension CustomerValue {
  /// As people read it: lists in one line.
  public var words: String {
    switch self {
    case .text(let text): text
    case .number(let digits): digits
    case .flag(let flag): "\(flag)"
    case .numbers(let numbers):
      numbers.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: "; ")
    case .texts(let texts): texts.joined(separator: "; ")
    }
  }
}
