/// Follows a vendor's pages and refuses to be led in circles: a cursor that comes back, pages that bring nothing new, or
/// more of them than any period has.
public struct Paging: Sendable {
  /// At 100 rows a page two million, which no month of a customer base has.
  static let maximumPages = 20_000

  private let source: SourceID
  private var seen: Set<String> = []
  private var rows = 0
  private var pagesWithoutNews = 0

  public init(_ source: SourceID) { self.source = source }

  /// Goes on to another page.
  ///
  /// - Parameters:
  ///   - cursor: Where it begins.
  ///   - rows: Distinct rows so far.
  /// - Throws: ``SourceError`` where it would never end.
  public mutating func follow(_ cursor: String, rows: Int) throws {
    pagesWithoutNews = rows > self.rows ? 0 : pagesWithoutNews + 1
    self.rows = rows
    guard seen.insert(cursor).inserted, pagesWithoutNews < 3, seen.count < Self.maximumPages else {
      throw SourceError(.malformed, "\(source.title) repeated its pages; they would never end")
    }
  }
}
