import Time

/// The only way for a value to get into a query.
public enum JQL {
  /// A double-quoted string; backslash and quote get a backslash, and control characters their escapes.
  public static func quoted(_ value: String) -> String {
    var text = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      default:
        if scalar.value < 32 || scalar.value == 127 {
          let hex = String(scalar.value, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
    return text + "\""
  }

  public static func list(_ values: some Sequence<String>) -> String {
    "(\(values.map(quoted).joined(separator: ", ")))"
  }

  /// A day in quotes. Jira reads it in the user's time zone, so the caller must ask for a wider range.
  public static func day(_ date: CalendarDate) -> String { "\"\(date)\"" }
}
