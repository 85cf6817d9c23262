import Formats

/// The names of a kind that a vendor has (its tags, its priorities), to hold the configured ones against.
///
/// A configured name that matches nothing would count nothing, and nothing scores well.
public struct NameInventory: Codable, Sendable, Equatable {
  /// What the vendor lists; nil where it lists nothing of the kind.
  public var listed: Set<String>?
  /// What was met in the data.
  public var seen: Set<String> = []

  public init(listed: Set<String>? = nil) { self.listed = listed }

  public mutating func merge(_ other: NameInventory) {
    if let more = other.listed { listed = (listed ?? []).union(more) }
    seen.formUnion(other.seen)
  }

  /// Whether the vendor has one of the configured names, as far as it can be told.
  ///
  /// Without a list only the data tells: names that nobody configured then say that the vendor uses others, unless they
  /// are among the `standard` ones, which every installation has.
  public func matches(_ configured: some Sequence<String>, standard: Set<String> = []) -> Bool {
    let wanted = Set(configured.map(\.comparisonKey))
    let met = Set(seen.map(\.comparisonKey))
    if !wanted.isDisjoint(with: met) { return true }
    guard let listed else { return met.isSubset(of: standard) }
    return !wanted.isDisjoint(with: listed.map(\.comparisonKey))
  }

  /// What there is, for a message: ten names at most, none that looks like an address.
  public var words: String { Self.words(seen.union(listed ?? [])) }

  /// Names for a message, in order: ten at most, each cut to 40 characters, none that is a
  /// mere number or looks like an address.
  public static func words(_ names: some Sequence<String>) -> String {
    let shown = Set(names).filter { name in !name.contains("@") && !name.utf8.allSatisfy(\.isASCIIDigit) }
      .sorted()
    guard !shown.isEmpty else { return "none" }
    let list = shown.prefix(10).map { String($0.withoutControlCharacters.prefix(40)) }.joined(separator: ", ")
    return shown.count > 10 ? "\(list) and \(shown.count - 10) more" : list
  }
}
