extension CSV {
  /// Puts an apostrophe before text that a spreadsheet would run as a formula: at the beginning, and after characters
  /// that end a cell in some locales.
  public static func defused(_ value: String) -> String {
    var text = String.UnicodeScalarView()
    var isCellStart = true
    for scalar in value.unicodeScalars {
      if isCellStart, formulaBeginnings.contains(scalar) { text.append("'") }
      // Some spreadsheets skip spaces and invisible characters at the beginning.
      let isBlank = scalar.properties.isWhitespace || scalar.properties.generalCategory == .format || scalar.value < 32
      isCellStart = ";\t\r\n".unicodeScalars.contains(scalar) || (isCellStart && isBlank)
      text.append(scalar)
    }
    return String(text)
  }

  /// `|` and `%` can begin commands. The last four are full-width forms of `=`, `+`, `-` and `@`.
  private static let formulaBeginnings = Set("=+-@|%\t\r\n\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars)
}
