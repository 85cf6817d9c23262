/// A system that data is read from. Vendor modules name their own: `extension SourceID { static let … }`.
public struct SourceID: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// As in answers and files: `intercom`. Lower-case letters, digits and `_`; no `-`, which separates it from a number.
  public let name: String
  /// As people write it: `Intercom`.
  public let title: String

  public init(_ name: String, title: String) {
    self.name = name
    self.title = title
  }

  public var description: String { name }

  public static func == (left: SourceID, right: SourceID) -> Bool { left.name == right.name }

  public func hash(into hasher: inout Hasher) { hasher.combine(name) }

  /// By name.
  public static func < (left: SourceID, right: SourceID) -> Bool { left.name < right.name }
}
