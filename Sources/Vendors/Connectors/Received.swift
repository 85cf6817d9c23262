/// Rows announced by the vendor against rows received, so that a success with missing rows can't hide: every row that
/// was received is either used or left out for a reason.
public struct Received: Sendable, Codable, Equatable {
  /// A reason to leave a row out: it can't be read, and does not say whose it is.
  public static let malformed = "malformed"
  /// A reason to leave a row out: it can't be read, and the metrics of the account that it names are `unavailable`.
  public static let spoiled = "malformed, account known"

  /// Rows that the vendor said there are; nil where it does not say.
  public private(set) var announced: Int?
  public var used = 0
  /// Rows left out, by reason.
  public private(set) var skipped: [String: Int] = [:]
  /// Rows that were announced and did not come.
  public private(set) var lost = 0
  public var pages = 0

  public init() {}

  public mutating func skip(_ reason: String, count: Int = 1) {
    if count > 0 { skipped[reason, default: 0] += count }
  }

  /// Notes how many rows a query has, and how many of them came.
  ///
  /// - Throws: ``SourceError`` for a number of rows that there can't be.
  public mutating func announce(_ count: Int, came: Int, by source: SourceID) throws {
    guard (0...Self.maximum).contains(count) else {
      throw SourceError(.malformed, "\(source.title) announced a number of rows that is not possible")
    }
    announced = (announced ?? 0) + count
    lost += max(0, count - came)
  }

  /// Raises what is announced to what was announced elsewhere for all queries together.
  public mutating func expect(_ count: Int) {
    let count = min(count, Self.maximum)
    announced = max(announced ?? 0, count)
    lost = max(lost, count - total)
  }

  /// More than any vendor keeps, and little enough to be added up.
  private static let maximum = 1 << 48

  /// Why the rows are no measure of anything: of more than a twentieth nobody knows whose they are.
  public var defect: String? {
    let unknown = (skipped[Self.malformed] ?? 0) + lost
    let all = max(announced ?? 0, total)
    guard unknown * 20 > all else { return nil }
    return "\(unknown) of \(all) records can't be read or did not come, too many to count the rest"
  }

  /// Rows that came, whatever became of them.
  public var total: Int { used + skipped.values.reduce(0, +) }

  public mutating func merge(_ other: Received) {
    if let more = other.announced { announced = min((announced ?? 0) + more, Self.maximum) }
    used += other.used
    pages += other.pages
    lost += other.lost
    skipped.merge(other.skipped, uniquingKeysWith: +)
  }
}
