import Connectors
import Looker

/// The result of reading some slices: rows by slice and brand. If a brand has several rows, the first one counts.
public struct LookerPartial: PartialResult {
  struct Table: Codable, Sendable {
    /// Brand → the fields' cells in the order asked.
    var brands: [String: [LookerCell]] = [:]
    /// Positions of fields that no row has.
    var absentFields: Set<Int> = []
    /// Brands with a row that can't be read.
    var unreadable: Set<String> = []
    /// Whether rows seem to be missing.
    var isCutOff = false
  }

  var tables: [LookerSlice: Table] = [:]
  /// Views that the instance does not have.
  var absentViews: Set<String> = []
  public internal(set) var received = Received()
  /// What looks wrong but makes no value unavailable; each becomes a warning.
  var suspicions: [String] = []
  /// Why some values are unavailable: fields that are missing or can't be read, tables that look cut off.
  var problems: [String] = []

  public init() {}

  public mutating func merge(_ other: LookerPartial) {
    tables.merge(other.tables) { mine, _ in mine }
    absentViews.formUnion(other.absentViews)
    received.merge(other.received)
    suspicions += other.suspicions
    problems += other.problems
  }
}
