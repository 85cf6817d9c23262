extension String {
  /// Without white space at both ends.
  public var trimmed: String {
    var text = self[...]
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}

extension String {
  /// With a space for each control character and line separator, so that text can't control a terminal or add lines.
  public var withoutControlCharacters: String {
    guard unicodeScalars.contains(where: \.isControl) else { return self }
    var text = UnicodeScalarView()
    for scalar in unicodeScalars { text.append(scalar.isControl ? " " : scalar) }
    return String(text)
  }
}

extension Unicode.Scalar {
  fileprivate var isControl: Bool { value < 32 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029 }
}
