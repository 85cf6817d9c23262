import Connectors
import Looker

/// Rows by slice and brand; where a brand has several, the first.
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
  public internal(set) var received = Received()
  var suspicions: [String] = []
  /// Why some of it is unavailable: fields that are gone or can't be read, tables that look cut off.
  var problems: [String] = []

  public init() {}

  public mutating func merge(_ other: LookerPartial) {
    tables.merge(other.tables) { mine, _ in mine }
    received.merge(other.received)
    suspicions += other.suspicions
    problems += other.problems
  }
}
