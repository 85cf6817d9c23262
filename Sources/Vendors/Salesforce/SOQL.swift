import Time

/// The only way for a value to get into a query.
public enum SOQL {
  /// A single-quoted string. Reserved characters get a backslash.
  public static func quoted(_ value: String) -> String {
    var text = "'"
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\": text += "\\\\"
      case "'": text += "\\'"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{8}": text += "\\b"
      case "\u{c}": text += "\\f"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "'"
  }

  public static func list(_ values: some Sequence<String>) -> String {
    "(\(values.map(quoted).joined(separator: ",")))"
  }

  /// The start of a day, as a literal for a date field or a date-time field. SOQL compares each kind of field only with
  /// its own kind of literal.
  public static func literal(_ date: CalendarDate, isDateTime: Bool) -> String {
    isDateTime ? "\(date)T00:00:00Z" : "\(date)"
  }
}
