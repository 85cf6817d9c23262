/// Any JSON value, for the parts of a vendor's answer whose shape is not known before. Numbers keep their digits.
public indirect enum JSONValue: Sendable, Equatable {
  case null
  case flag(Bool)
  /// As sent, such as `1275.0` or `1e3`; always a valid number of JSON.
  case number(String)
  case text(String)
  case list([JSONValue])
  /// Of two equal keys the first counts.
  case object([String: JSONValue])

  /// The member of an object; nil where it is absent or null, and for everything that is no object.
  public subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self, let value = members[name], value != .null else { return nil }
    return value
  }

  /// Nil unless it is a list.
  public var list: [JSONValue]? { if case .list(let elements) = self { elements } else { nil } }

  /// Nil unless it is an object.
  public var object: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }

  /// A text without white space at its ends; nil for everything else and for blank text.
  public var text: String? {
    guard case .text(let text) = self else { return nil }
    let trimmed = text.trimmed
    return trimmed.isEmpty ? nil : trimmed
  }

  /// Nil unless it is true or false.
  public var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }

  /// An id that the vendor sends as a text or as a number; nil for everything else.
  public var id: String? { if case .number(let digits) = self { digits } else { text } }

  /// The digits of a number, or of a text that holds one; nil for everything else.
  public var digits: String? { if case .number(let digits) = self { digits } else { text } }
}

extension JSONValue {
  /// - Throws: ``JSONBodyError`` where the body is not valid JSON. A string or number that is not valid is null.
  public init(json body: [UInt8]) throws { self = try JSONScanner.scan(body) { try JSONValue(&$0) } }

  /// - Throws: ``JSONBodyError``, as above.
  public init(_ scanner: inout JSONScanner) throws {
    switch try scanner.kind() {
    case .null:
      try scanner.skip()
      self = .null
    case .boolean: self = try scanner.flag().map(JSONValue.flag) ?? .null
    case .number: self = try scanner.numberText()?.text.map(JSONValue.number) ?? .null
    case .string: self = try scanner.string().map(JSONValue.text) ?? .null
    case .list:
      var elements: [JSONValue] = []
      try scanner.list { elements.append(try JSONValue(&$0)) }
      self = .list(elements)
    case .object:
      var members: [String: JSONValue] = [:]
      try scanner.object { key, scanner in
        let value = try JSONValue(&scanner)
        if members[key.text] == nil { members[key.text] = value }
      }
      self = .object(members)
    }
  }
}
