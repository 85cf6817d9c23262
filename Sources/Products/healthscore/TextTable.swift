/// Rows in columns for the terminal. The last column is as long as it is.
struct TextTable {
  let lines: [String]

  /// - Parameter rightAligned: Positions of the columns with numbers.
  init(_ header: [String], _ rows: [[String]], rightAligned: Set<Int>) {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    lines = all.map { row in
      row.indices.map { column in
        guard column < header.count - 1 else { return row[column] }
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return rightAligned.contains(column) ? space + row[column] : row[column] + space
      }.joined(separator: "  ")
    }
  }
}
