import CustomerModel
import Time

/// Where the customers are kept: a DynamoDB table, or a file in its place.
public protocol CustomerTable: Sendable {
  /// Every row, also of those who are customers no longer, by address.
  ///
  /// - Throws: What the storage throws; a retry may help.
  func rows() async throws -> [String: Customer]

  /// Writes rows, each as a whole, and leaves other sources' attributes alone. A row that a later run has written stays.
  ///
  /// - Parameter rows: Each with its ``CustomerField/lastSync``.
  func write(_ rows: [Customer]) async -> WrittenRows
}

/// What became of the rows that were to be written.
public struct WrittenRows: Sendable {
  /// Addresses of rows that a later run has written.
  public var outdated: Set<String> = []
  /// Addresses of rows that were not written.
  public var failed: Set<String> = []
  /// One line for each kind of failure; no customer in them.
  public var errors: Set<String> = []

  public init() {}

  /// Adds what became of other rows, some of which may have been tried before.
  ///
  /// - Parameter again: Addresses of the other rows.
  public mutating func merge(_ other: WrittenRows, replacing again: Set<String>) {
    failed = failed.subtracting(again).union(other.failed)
    outdated = outdated.subtracting(again).union(other.outdated)
    errors = failed.isEmpty ? [] : errors.union(other.errors)
  }
}
