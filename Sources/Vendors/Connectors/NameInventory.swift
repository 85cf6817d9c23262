import Formats

/// A vendor's names of one kind, such as its tags or priorities, to compare the configured names with.
///
/// A configured name that the vendor does not have would match no record, and a count of 0 scores well.
public struct NameInventory: Codable, Sendable, Equatable {
  /// Names that the vendor lists; nil where it offers no such list.
  public var listed: Set<String>?
  /// Names that were found in the data.
  public var seen: Set<String> = []

  public init(listed: Set<String>? = nil) { self.listed = listed }

  /// The union of both. It has a list if one of them has.
  public mutating func merge(_ other: NameInventory) {
    if let more = other.listed { listed = (listed ?? []).union(more) }
    seen.formUnion(other.seen)
  }

  /// Whether the vendor has one of the configured names, as far as is known.
  ///
  /// Without a list only the data can tell: false if it has other names but none of the configured ones. `standard`
  /// names do not count as others, because every installation has them.
  public func matches(_ configured: some Sequence<String>, standard: Set<String> = []) -> Bool {
    let wanted = Set(configured.map(\.comparisonKey))
    let met = Set(seen.map(\.comparisonKey))
    if !wanted.isDisjoint(with: met) { return true }
    guard let listed else { return met.isSubset(of: standard) }
    return !wanted.isDisjoint(with: listed.map(\.comparisonKey))
  }

  /// The vendor's names for a message: at most ten, without those that look like an e-mail address.
  public var words: String { Self.words(seen.union(listed ?? [])) }

  /// Names for a message: sorted, at most ten, each cut to 40 characters, without numbers and e-mail addresses. `none`
  /// if no name is left.
  public static func words(_ names: some Sequence<String>) -> String {
    let shown = Set(names).filter { name in !name.contains("@") && !name.utf8.allSatisfy(\.isASCIIDigit) }
      .sorted()
    guard !shown.isEmpty else { return "none" }
    let list = shown.prefix(10).map { String($0.withoutControlCharacters.prefix(40)) }.joined(separator: ", ")
    return shown.count > 10 ? "\(list) and \(shown.count - 10) more" : list
  }
}
