/// A key of any name, for objects whose keys are data.
public struct AnyCodingKey: CodingKey, Hashable, Sendable {
  public let stringValue: String
  public var intValue: Int? { nil }

  public init(_ name: String) { stringValue = name }

  public init(stringValue: String) { self.stringValue = stringValue }

  /// Always nil: lists are not read by key.
  public init?(intValue: Int) { nil }
}
