import Formats

/// An e-mail address as the key of the customer table: without white space at its ends, in lower case, and valid.
public struct EmailAddress: Sendable, Hashable {
  public let text: String

  /// Nil unless it is an addr-spec of RFC 5322 without comments and folding, with non-ASCII letters as in RFC 6531: a
  /// dot-atom or quoted local part of at most 64 bytes, a domain of at least two labels, at most 254 bytes in all.
  public init?(_ text: String) {
    let key = text.trimmed.lowercased()
    guard key.utf8.count <= 254, let at = key.unicodeScalars.lastIndex(of: "@") else { return nil }
    let local = key.unicodeScalars[..<at]
    let domain = key.unicodeScalars[key.unicodeScalars.index(after: at)...]
    guard (1...64).contains(Substring(local).utf8.count), Self.isLocal(local), Self.isDomain(domain) else { return nil }
    self.text = key
  }

  /// The part before the last `@`.
  public var localPart: String { String(text[..<(text.lastIndex(of: "@") ?? text.endIndex)]) }

  private static func isLocal(_ text: Substring.UnicodeScalarView) -> Bool {
    guard text.first == "\"" else {
      return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
        !atom.isEmpty && atom.allSatisfy(isAtomText)
      }
    }
    guard text.count >= 2, text.last == "\"" else { return false }
    var inner = text.dropFirst().dropLast()
    while let scalar = inner.popFirst() {
      if scalar == "\\" {
        guard let escaped = inner.popFirst(), isQuotable(escaped) else { return false }
      } else if scalar == "\"" || !isQuotable(scalar) {
        return false
      }
    }
    return true
  }

  private static func isAtomText(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.isASCII else { return isInternational(scalar) }
    return UInt8(ascii: scalar).isASCIIAlphanumeric || "!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains(scalar)
  }

  private static func isQuotable(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII ? (32...126).contains(scalar.value) || scalar == "\t" : isInternational(scalar)
  }

  private static func isInternational(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .unassigned, .privateUse, .spaceSeparator, .lineSeparator, .paragraphSeparator:
      false
    default: true
    }
  }

  private static func isDomain(_ text: Substring.UnicodeScalarView) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    return labels.count >= 2
      && labels.allSatisfy { label in
        (1...63).contains(Substring(label).utf8.count) && label.first != "-" && label.last != "-"
          && label.allSatisfy { scalar in
            scalar.isASCII
              ? UInt8(ascii: scalar).isASCIIAlphanumeric || scalar == "-" : isInternational(scalar)
          }
      }
  }
}
