/// Compares the rows that a vendor announced with the rows that arrived, so that missing rows are noticed. Every row
/// that arrived is either used or skipped for a reason.
public struct Received: Sendable, Codable, Equatable {
  /// A reason to skip a row: it can't be read, and its account is unknown.
  public static let malformed = "malformed"
  /// A reason to skip a row: it can't be read, but its account is known. That account's metrics are `unavailable`.
  public static let spoiled = "malformed, account known"

  /// Rows that the vendor announced; nil where it announces none.
  public private(set) var announced: Int?
  /// Rows that count in observations.
  public var used = 0
  /// Skipped rows, by reason.
  public private(set) var skipped: [String: Int] = [:]
  /// Rows that were announced but did not arrive.
  public private(set) var lost = 0
  /// Answers that the rows came in.
  public var pages = 0

  public init() {}

  /// Counts rows that are left out. A count of 0 or less changes nothing.
  public mutating func skip(_ reason: String, count: Int = 1) {
    if count > 0 { skipped[reason, default: 0] += count }
  }

  /// Adds one query: how many rows the vendor announced for it, and how many arrived.
  ///
  /// - Throws: ``SourceError`` of kind `malformed` for a negative or absurdly large number.
  public mutating func announce(_ count: Int, came: Int, by source: SourceID) throws {
    guard (0...Self.maximum).contains(count) else {
      throw SourceError(.malformed, "\(source.title) announced a number of rows that is not possible")
    }
    announced = (announced ?? 0) + count
    lost += max(0, count - came)
  }

  /// Raises `announced` to at least `count`, which another request announced for all queries together.
  public mutating func expect(_ count: Int) {
    let count = min(count, Self.maximum)
    announced = max(announced ?? 0, count)
    lost = max(lost, count - total)
  }

  /// More than any vendor has, and small enough that sums do not overflow.
  private static let maximum = 1 << 48

  /// Why the rows can't be used: more than one in 20 is lost, or unreadable without a known account. Nil if they can.
  public var defect: String? {
    let unknown = (skipped[Self.malformed] ?? 0) + lost
    let all = max(announced ?? 0, total)
    guard unknown * 20 > all else { return nil }
    return "\(unknown) of \(all) records can't be read or did not come, too many to count the rest"
  }

  /// Rows that arrived, used or skipped.
  public var total: Int { used + skipped.values.reduce(0, +) }

  /// Adds all counts of the other.
  public mutating func merge(_ other: Received) {
    if let more = other.announced { announced = min((announced ?? 0) + more, Self.maximum) }
    used += other.used
    pages += other.pages
    lost += other.lost
    skipped.merge(other.skipped, uniquingKeysWith: +)
  }
}
