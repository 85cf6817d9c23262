/// How many letters have to change to make one word of another.
enum EditDistance {
  /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), in bytes.
  ///
  /// - Parameter limit: From here on the exact number does not matter; `limit + 1` is returned.
  static func between(_ a: [UInt8], _ b: [UInt8], limit: Int) -> Int {
    if a.count > b.count { return between(b, a, limit: limit) }
    guard b.count - a.count <= limit else { return limit + 1 }
    guard !a.isEmpty else { return b.count }
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: 3 * (a.count + 1)) { cells in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in distance(a, b, limit, cells) }
      }
    }
  }

  private static func distance(
    _ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>, _ limit: Int,
    _ cells: UnsafeMutableBufferPointer<Int>
  ) -> Int {
    let width = a.count + 1
    // Three rows of the table: the one before the last, the last, and the one that is filled.
    var (older, last, row) = (0, width, 2 * width)
    for column in 0..<width { cells[last + column] = column }
    for line in 1...b.count {
      cells[row] = line
      var smallest = line
      for column in 1..<width {
        var cost = cells[last + column - 1] + (a[column - 1] == b[line - 1] ? 0 : 1)
        cost = min(cost, cells[last + column] + 1, cells[row + column - 1] + 1)
        if line > 1, column > 1, a[column - 1] == b[line - 2], a[column - 2] == b[line - 1] {
          cost = min(cost, cells[older + column - 2] + 1)
        }
        cells[row + column] = cost
        smallest = min(smallest, cost)
      }
      if smallest > limit { return limit + 1 }
      (older, last, row) = (last, row, older)
    }
    return min(cells[last + a.count], limit + 1)
  }
}
