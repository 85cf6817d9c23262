extension String {
  /// Percent-encoded as in RFC 3986: letters, digits and `-._~` stay, a space becomes `%20`.
  ///
  /// - Parameter keeping: Further ASCII characters that stay, such as `,` in a long list of ids.
  public func percentEncoded(keeping: String = "") -> String {
    // Fast path: most ids need no encoding.
    if isASCIIAlphanumeric(or: "-._~") { return self }
    let digits = Array("0123456789ABCDEF".utf8)
    let kept = Set(keeping.utf8)
    var encoded: [UInt8] = []
    encoded.reserveCapacity(utf8.count)
    for byte in utf8 {
      if byte.isASCIIAlphanumeric || "-._~".utf8.contains(byte) || kept.contains(byte) {
        encoded.append(byte)
      } else {
        encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  /// With every `%XX` replaced by its byte. A `%` without two hexadecimal digits after it stays.
  public var percentDecoded: String {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(utf8.count)
    var rest = utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let digits = String(rest.prefix(2)), digits.utf8.count == 2,
        let value = UInt8(digits, radix: 16), digits.first != "+"
      {
        decoded.append(value)
        rest = rest.dropFirst(2)
      } else {
        decoded.append(byte)
      }
    }
    return String(decoding: decoded, as: UTF8.self)
  }

  /// `name=value&…`, encoded, for queries and forms.
  public static func query(_ items: KeyValuePairs<String, String>) -> String {
    items.map { "\($0.key.percentEncoded())=\($0.value.percentEncoded())" }.joined(separator: "&")
  }
}
