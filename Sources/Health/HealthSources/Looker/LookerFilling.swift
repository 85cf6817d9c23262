import Connectors
import Formats
import Looker
import Time

/// Groups the rows of a table by brand, and notes which of them are missing or wrong.
struct LookerFilling {
  /// For messages, such as `Look 172`.
  let name: String
  /// Brands of the mapping.
  let brands: Set<String>
  let fields: [LookerField]
  let brandField: String
  /// Whether any value counts, also a text. If a brand has several rows, one with a value is enough.
  var takesAnyValue = false

  private var table = LookerPartial.Table()
  private var received = Received()
  private var problems: [String] = []
  private var suspicions: [String] = []
  private var unnamed = 0
  private var repeated = 0
  /// Field → brands that have a value which can't be read.
  private var unreadable: [String: Set<String>] = [:]
  /// Field → brands that have a share which is out of range.
  private var impossible: [String: Set<String>] = [:]

  init(name: String, brands: Set<String>, fields: [LookerField], brandField: String) {
    self.name = name
    self.brands = brands
    self.fields = fields
    self.brandField = brandField
    received.pages = 1
  }

  /// Whether a row belongs to the month. If its month can't be read, all values of its brand in this table are
  /// unavailable.
  mutating func isOf(_ period: Period, month cell: LookerCell?, field: String, row: [LookerCell?]) -> Bool {
    if let month = cell?.month {
      if month != period { received.skip("another month") }
      return month == period
    }
    guard let brand = row[0]?.id else {
      unnamed += 1
      received.skip(Received.malformed)
      return false
    }
    guard brands.contains(brand) else {
      received.skip("brand not mapped")
      return false
    }
    table.unreadable.insert(brand)
    unreadable[field, default: []].insert(brand)
    received.skip(Received.spoiled)
    return false
  }

  /// - Parameter rows: The brand first, then the fields' cells.
  /// - Throws: ``SourceError`` of kind `notConfigured` where no row has the brand field.
  mutating func add(_ rows: [[LookerCell?]]) throws {
    guard !rows.isEmpty else { return }
    let isAbsent = { (column: Int) in rows.allSatisfy { $0[column] == nil } }
    guard !isAbsent(0) else {
      throw SourceError(.notConfigured, "\(name) has no field \(brandField); check looker in sources.yaml")
    }
    for (index, field) in fields.enumerated() where isAbsent(index + 1) {
      table.absentFields.insert(index)
      problems.append("\(name) has no field \(field.name); check looker in sources.yaml")
    }
    var others: Set<String> = []
    for row in rows { add(row, &others) }
    if received.used == 0, !others.isEmpty {
      let isNear = others.contains { other in brands.contains { $0.comparisonKey == other.comparisonKey } }
      suspicions.append(
        "no brand of \(name) is in account_mapping.csv; ids have to be written as Looker does\(isNear ? ": some differ by upper case or blanks only" : " (upper case, blanks and leading zeros count)")"
      )
    }
  }

  private mutating func add(_ row: [LookerCell?], _ others: inout Set<String>) {
    guard let id = row[0]?.id else {
      unnamed += 1
      return received.skip(row[0]?.isNull ?? true ? "no brand" : Received.malformed)
    }
    guard brands.contains(id) else {
      if others.count < 1000 { others.insert(id) }
      return received.skip("brand not mapped")
    }
    let cells = fields.enumerated().map { index, field in checked(row[index + 1] ?? .null, field, id) }
    guard let present = table.brands[id] else {
      table.brands[id] = cells
      received.used += 1
      return
    }
    received.skip("several rows for a brand")
    repeated += 1
    // With `takesAnyValue`, a row with any value counts; else the first row.
    if takesAnyValue, present.allSatisfy(\.isNull) || cells.contains(where: { $0 != .unreadable && !$0.isNull }) {
      table.brands[id] = cells
    }
  }

  /// The cell, as a number where the field needs one; `unreadable` where a share is out of range.
  private mutating func checked(_ cell: LookerCell, _ field: LookerField, _ brand: String) -> LookerCell {
    let value = takesAnyValue ? cell : cell.asNumber
    if value == .unreadable { unreadable[field.name, default: []].insert(brand) }
    guard let bounds = field.unit.bounds, let number = value.number, !bounds.contains(number) else { return value }
    impossible[field.name, default: []].insert(brand)
    return .unreadable
  }

  /// Marks the table as cut off where its number of rows equals a row limit. Brands may be missing from it then.
  mutating func checkLimit(rows: Int, limits: [Int]) {
    guard rows > 0, limits.contains(rows) else { return }
    table.isCutOff = true
    problems.append(
      "\(name) gave exactly \(rows) rows, which is a row limit: brands that are missing there are unavailable; raise the Look's own limit, or looker.row_limit in sources.yaml"
    )
  }

  func partial(_ slice: LookerSlice) -> LookerPartial {
    var partial = LookerPartial()
    var table = table
    var problems = problems
    var suspicions = suspicions
    if unnamed > 0 {
      suspicions.append("\(unnamed) rows of \(name) name no brand (\(brandField)) and are left out")
      if unnamed * 20 > received.total {
        table.isCutOff = true
        problems.append(
          "\(name) names no brand in \(unnamed) of \(received.total) rows: brands that are missing there are unavailable"
        )
      }
    }
    for (field, brands) in unreadable {
      problems.append(
        "\(name): \(field) can't be read for \(brands.count) accounts; it has to be a plain value, not pivoted or formatted"
      )
    }
    for (field, brands) in impossible {
      let isFraction = fields.first { $0.name == field }?.unit == .fraction
      problems.append(
        "\(name): \(field) is no share for \(brands.count) accounts: expected \(isFraction ? "0 to 1; unit: percent in sources.yaml may be meant" : "0 to 100")"
      )
    }
    if repeated > 0, !takesAnyValue {
      suspicions.append("\(name) gave \(repeated) rows more than one for a brand; the first one counts")
    }
    partial.tables[slice] = table
    partial.received = received
    partial.problems = problems
    partial.suspicions = suspicions
    return partial
  }
}
