import Concurrency
import Formats
import HealthModel
import Insight
import Scoring
import Time

/// A stored file can't be used: which, and what to do. A retry does not help.
public struct SnapshotError: Error, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

extension SnapshotArchive {
  /// The months that have files of their own, the newest last. Runs over chosen accounts, and runs that had to leave an
  /// earlier run's files, are not the month's record.
  public func months() async throws -> [SnapshotFiles] { try await all().filter { !$0.isSelection && $0.runID == nil } }

  /// A month with everything that it was scored from.
  ///
  /// - Throws: ``SnapshotError`` for a damaged line or a missing file, `ConfigurationError` for a configuration that can't
  ///   be used, and what the store throws.
  public func book(of files: SnapshotFiles) async throws -> Book {
    guard let book = try await storedBook(of: files) else {
      throw SnapshotError("\(location(of: files)) can't be read")
    }
    return book
  }

  /// The same; nil where the month is not stored.
  public func storedBook(of files: SnapshotFiles) async throws -> Book? {
    guard let accounts = try await accounts(of: files) else { return nil }
    return Book(period: files.period, accounts: accounts, model: try await scoringModel(of: files))
  }

  /// What every account of a month was scored from; nil where the month is not stored.
  ///
  /// - Throws: ``SnapshotError`` for a damaged line, and what the store throws.
  public func accounts(of files: SnapshotFiles) async throws -> [AccountSnapshot]? {
    guard let bytes = try await bytes(of: files) else { return nil }
    return try await [AccountSnapshot](snapshot: bytes, place: location(of: files))
  }
}

extension [AccountSnapshot] {
  private static var partSize: Int { 1 << 20 }

  /// The lines of a snapshot, read in parallel.
  ///
  /// - Parameter place: The file, for messages.
  /// - Throws: ``SnapshotError`` that names the first line which can't be read.
  public init(snapshot bytes: [UInt8], place: String) async throws {
    var starts = [0]
    while let last = starts.last, last < bytes.count {
      let end = Swift.min(bytes.count, last + Self.partSize)
      starts.append((bytes[end...].firstIndex(of: 10) ?? bytes.count - 1) + 1)
    }
    var parts: [Int: [AccountSnapshot]] = [:]
    var problems: [Int: String] = [:]
    await concurrently(zip(starts, starts.dropFirst()).map { $0..<$1 }, atMost: 8) { part in
      var accounts: [AccountSnapshot] = []
      for line in bytes[part].split(separator: 10) where line.contains(where: { ![9, 13, 32].contains($0) }) {
        do {
          accounts.append(try AccountSnapshot(line: [UInt8](line)))
        } catch {
          let number = bytes[..<line.startIndex].count { $0 == 10 } + 1
          throw SnapshotError("\(place):\(number): \(error)")
        }
      }
      return accounts
    } each: { part, result in
      switch result {
      case .success(let accounts): parts[part.lowerBound] = accounts
      case .failure(let error): problems[part.lowerBound] = "\(error)"
      }
    }
    if let first = problems.min(by: { $0.key < $1.key }) { throw SnapshotError(first.value) }
    self = parts.sorted { $0.key < $1.key }.flatMap(\.value)
  }
}
