import HTTPClient

extension Pager {
  /// For a vendor's pages; fails with a ``SourceError`` of kind `malformed`.
  public init(_ source: SourceID) {
    self.init { SourceError(.malformed, "\(source.title) repeated its pages; they would never end") }
  }
}
