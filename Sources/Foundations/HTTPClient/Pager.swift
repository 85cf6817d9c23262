/// Follows a server's pages and refuses to be led in circles: a cursor that comes back, pages that bring nothing new, or
/// more pages than any answer has.
public struct Pager: Sendable {
  /// Two million rows at 100 rows per page, more than any month has.
  static let maximumPages = 20_000

  private let failure: @Sendable () -> any Error
  private var seen: Set<String> = []
  private var rows = 0
  private var pagesWithoutNews = 0

  /// - Parameter failure: Thrown where the pages would never end.
  public init(failure: @escaping @Sendable () -> any Error) { self.failure = failure }

  /// Goes on to another page.
  ///
  /// - Parameters:
  ///   - cursor: Where it begins.
  ///   - rows: Distinct rows so far; nil where a page may be empty although more follow.
  /// - Throws: The failure that was given.
  public mutating func follow(_ cursor: String, rows: Int?) throws {
    if let rows {
      pagesWithoutNews = rows > self.rows ? 0 : pagesWithoutNews + 1
      self.rows = rows
    }
    guard seen.insert(cursor).inserted, pagesWithoutNews < 3, seen.count < Self.maximumPages else { throw failure() }
  }
}
