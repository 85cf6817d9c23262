/// The columns of a table as a fit needs them: centred, with standard deviation 1, missing values at the mean.
struct DesignMatrix: Sendable {
  let rowCount: Int
  let columnCount: Int
  /// Row after row.
  let values: [Double]
  let means: [Double]
  /// Standard deviations; 1 for a column whose values are all the same.
  let scales: [Double]

  /// - Parameter columns: Of equal length; nil for a missing value.
  init(_ columns: [[Double?]], rowCount: Int) {
    self.rowCount = rowCount
    columnCount = columns.count
    var means: [Double] = []
    var scales: [Double] = []
    var values = [Double](repeating: 0, count: rowCount * columns.count)
    for (position, column) in columns.enumerated() {
      let known = column.compactMap(\.self)
      let mean = known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
      let squares = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      // Over all rows, since a missing value stands at the mean.
      let deviation = (squares / Double(max(1, rowCount))).squareRoot()
      let scale = deviation > 1e-12 * max(1, mean.magnitude) ? deviation : 1
      means.append(mean)
      scales.append(scale)
      for (row, value) in column.enumerated() {
        values[row * columns.count + position] = value.map { ($0 - mean) / scale } ?? 0
      }
    }
    self.values = values
    self.means = means
    self.scales = scales
  }
}
