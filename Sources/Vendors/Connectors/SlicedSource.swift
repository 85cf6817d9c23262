import Concurrency

/// A part of what a source yields. It merges with others in any order to the same value.
public protocol PartialResult: Codable, Sendable {
  init()
  var received: Received { get }
  mutating func merge(_ other: Self)
}

/// The slices of a source, and what listing them found out already.
public struct SlicePlan<Slice: Sendable, Partial: PartialResult>: Sendable {
  /// Together they cover the extraction, apart from ``found``.
  public var slices: [Slice]
  /// Is merged with the slices' results.
  public var found: Partial

  public init(slices: [Slice], found: Partial = Partial()) {
    self.slices = slices
    self.found = found
  }
}

/// A vendor's data for one run, read in independent slices.
///
/// Slices are read side by side in one process, or one by one in several: both types are `Codable`, reading a slice again
/// yields the same partial result, and a source keeps nothing between planning and reading.
/// Beside ``SourceError`` a source throws whatever the vendor's client throws; the run words it.
public protocol SlicedSource: Sendable {
  associatedtype Slice: Codable & Sendable
  associatedtype Partial: PartialResult

  var id: SourceID { get }

  /// Lists the slices that together cover what is asked for, after checking that the source can be read at all.
  ///
  /// An error here means that the whole source can't be read.
  func plan() async throws -> SlicePlan<Slice, Partial>

  /// Reads one slice. Safe to repeat.
  func read(_ slice: Slice) async throws -> Partial
}

/// What was read of a source, in one process or several: everything merged, and the slices that could not be read.
public struct SourceReading<S: SlicedSource>: Sendable {
  public var partial: S.Partial
  /// How many slices were planned.
  public var sliceCount: Int
  public var failed: [S.Slice] = []
  /// One line for each kind of failure.
  public var errors: Set<String> = []

  public init(partial: S.Partial, sliceCount: Int) {
    self.partial = partial
    self.sliceCount = sliceCount
  }
}

extension SlicedSource {
  /// Reads all slices side by side, as far as the vendor's limits allow, and merges each as it comes.
  ///
  /// A slice that could not be read is among the failed ones.
  ///
  /// - Throws: What ``plan()`` throws.
  public func readAll() async throws -> SourceReading<Self> {
    let plan = try await plan()
    var reading = SourceReading<Self>(partial: plan.found, sliceCount: plan.slices.count)
    await concurrently(plan.slices) {
      try await read($0)
    } each: { slice, result in
      switch result {
      case .success(let part): reading.partial.merge(part)
      case .failure(let error):
        reading.failed.append(slice)
        reading.errors.insert(id.message(for: error))
      }
    }
    return reading
  }

  /// Whether the source accepts the credentials; planning for no accounts does little more.
  ///
  /// - Throws: What ``plan()`` throws.
  public func checkAccess() async throws { _ = try await plan() }
}
