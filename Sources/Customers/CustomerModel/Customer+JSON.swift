/// As one JSON object: fields by their names, absent ones left out.
extension Customer: Encodable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for field in CustomerField.allCases {
      let key = Key(stringValue: field.rawValue)
      switch self[field] {
      case .text(let text): try container.encode(text, forKey: key)
      case .number(let digits): try container.encode(Double(digits), forKey: key)
      case .flag(let flag): try container.encode(flag, forKey: key)
      case .numbers(let numbers): try container.encode(numbers.compactMapValues { Double($0) }, forKey: key)
      case .texts(let texts): try container.encode(texts, forKey: key)
      case nil: break
      }
    }
  }
}
