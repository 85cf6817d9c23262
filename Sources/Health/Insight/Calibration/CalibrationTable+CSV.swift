import Formats

extension CalibrationTable {
  /// Which columns of a file are what.
  public struct Roles: Sendable {
    /// 1 for churn, 0 for none.
    public var outcome: String
    /// Today's score, higher is healthier; nil where the file has none.
    public var score: String?
    public var lowerIsBetter: [String] = []
    public var higherIsBetter: [String] = []

    public init(outcome: String, score: String? = nil, lowerIsBetter: [String] = [], higherIsBetter: [String] = []) {
      self.outcome = outcome
      self.score = score
      self.lowerIsBetter = lowerIsBetter
      self.higherIsBetter = higherIsBetter
    }
  }

  /// Reads a flat file of numbers. A column with anything but numbers and empty cells is left out.
  ///
  /// - Returns: The table, and the names of the columns that are left out.
  /// - Throws: ``RowProblems`` where the file, a named column or a row can't be used.
  public static func reading(_ bytes: [UInt8], _ roles: Roles) throws -> (table: CalibrationTable, ignored: [String]) {
    let file = try CSVTable(bytes)
    for name in [roles.outcome] + [roles.score].compactMap(\.self) + roles.lowerIsBetter + roles.higherIsBetter
    where !file.header.contains(name) {
      throw RowProblems([
        "1: there is no column \(name); there are \(file.header.joined(separator: ", "))"
      ])
    }
    if let both = roles.lowerIsBetter.first(where: roles.higherIsBetter.contains) {
      throw RowProblems(["1: \(both) is named as lower and as higher is better"])
    }
    var problems: [String] = []
    var outcomes: [Bool] = []
    var scores: [Double] = []
    for row in file.rows {
      switch file.text(roles.outcome, row).flatMap({ Double($0) }) {
      case 0: outcomes.append(false)
      case 1: outcomes.append(true)
      default: problems.append("\(row.line): \(roles.outcome) is not 0 or 1")
      }
      guard let name = roles.score else { continue }
      if let score = file.text(name, row).flatMap({ Double($0) }), score.isFinite {
        scores.append(score)
      } else {
        problems.append("\(row.line): \(name) is not a number")
      }
    }
    guard problems.isEmpty else { throw RowProblems(problems) }
    guard !file.rows.isEmpty else { throw RowProblems(["1: there is no row below the header"]) }
    var ignored: [String] = []
    var columns: [Column] = []
    for name in file.header where name != roles.outcome && name != roles.score {
      let texts = file.rows.map { file.text(name, $0) }
      let values = texts.map { $0.flatMap { Double($0) } }
      guard zip(texts, values).allSatisfy({ $0 == nil || $1?.isFinite == true }), values.contains(where: { $0 != nil })
      else {
        ignored.append(name)
        continue
      }
      columns.append(
        Column(
          name: name, values: values,
          direction: roles.lowerIsBetter.contains(name)
            ? .lowerIsBetter : roles.higherIsBetter.contains(name) ? .higherIsBetter : .unknown))
    }
    let named = (roles.lowerIsBetter + roles.higherIsBetter).filter(ignored.contains)
    guard named.isEmpty else {
      throw RowProblems(["1: \(named.joined(separator: ", ")) has cells that are not numbers"])
    }
    return (CalibrationTable(columns: columns, outcomes: outcomes, scores: roles.score == nil ? nil : scores), ignored)
  }
}
