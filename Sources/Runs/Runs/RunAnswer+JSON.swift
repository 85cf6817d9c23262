import Formats

extension RunAnswer {
  /// Encodes the answer as JSON in pieces. Encoding it at once would need several times its size in memory, and a large
  /// run has tens of thousands of results.
  ///
  /// - Parameter use: Receives pieces of about 64 KiB, in order.
  /// - Throws: What `use` throws.
  public func encode(_ use: ([UInt8]) throws -> Void) throws {
    var head = self
    head.summary.results = nil
    var piece = try JSONBody.encode(head)
    if let results = summary.results {
      piece.removeLast()
      piece += ",\"results\":[".utf8
      for (index, result) in results.enumerated() {
        if index > 0 { piece.append(UInt8(ascii: ",")) }
        piece += try JSONBody.encode(result)
        if piece.count >= 1 << 16 {
          try use(piece)
          piece.removeAll(keepingCapacity: true)
        }
      }
      piece += "]}".utf8
    }
    try use(piece)
  }

  /// The answer as JSON; nil if it is longer than `limit` bytes.
  public func encoded(atMost limit: Int) throws -> [UInt8]? {
    var bytes: [UInt8] = []
    do {
      try encode { piece in
        guard bytes.count + piece.count <= limit else { throw TooLong() }
        bytes += piece
      }
    } catch is TooLong {
      return nil
    }
    return bytes
  }
}

/// The answer is longer than it may be.
private struct TooLong: Error {}
