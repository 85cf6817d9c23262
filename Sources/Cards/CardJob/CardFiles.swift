import CardModel
import ConfigurationReading
import Formats
import Runs
import Time

/// The cards' files in the folder and, where one is set, in the reports bucket.
public struct CardFiles: Sendable {
  private let folder: ResultStore
  /// Nil where no bucket is set.
  private let bucket: ResultStore?
  /// Where somebody else puts files for the job; nil where no bucket is set.
  private let bucketRoot: ResultStore?

  /// - Parameter bucket: Of a prefix; nil where none is set.
  init(folder: ResultStore, bucket: (String) throws -> ResultStore?) rethrows {
    self.folder = folder
    self.bucket = try bucket(ResultStore.reportsPrefix)
    bucketRoot = try bucket("")
  }

  /// - Throws: `JobError` where a bucket is set and there are no credentials for it.
  init(_ context: RunContext<some Sendable>) throws {
    try self.init(folder: context.folder) { try context.bucket(prefix: $0) }
  }

  private var stores: [ResultStore] { [folder, bucket].compactMap(\.self) }

  private static let prefix = "cards_"

  private static func name(_ date: CalendarDate, isDry: Bool, _ ending: String) -> String {
    "\(prefix)\(date)\(isDry ? ".dry" : "").\(ending)"
  }

  /// The day of a run's file; nil for every other file, a dry run's too.
  private static func date(of name: String) -> CalendarDate? {
    guard name.hasPrefix(prefix), name.hasSuffix(".json") else { return nil }
    return CalendarDate(iso8601: String(name.dropFirst(prefix.count).dropLast(5)))
  }

  /// Cards as a run's CSV has them.
  public static func csv(_ records: [CardRecord]) -> String { CardCSV.text(records) }

  // MARK: Reading

  /// What was stored, and what could not be read of it.
  struct Reading: Sendable {
    var days: [CalendarDate: [CardRecord]] = [:]
    var warnings: [String] = []
  }

  /// Days up to and including `last`: those of the last days, and the newest before them.
  ///
  /// A day's file in the bucket counts more than that in the folder: runs elsewhere write there too.
  func read(upTo last: CalendarDate, days count: Int) async -> Reading {
    var reading = Reading()
    for store in stores {
      do {
        let dates = try await names(in: store).compactMap(Self.date).filter { $0 <= last }.sorted(by: >)
        let first = last.advanced(byDays: -count)
        let wanted = dates.filter { $0 >= first } + dates.filter { $0 < first }.prefix(1)
        let found = await withTaskGroup(of: (CalendarDate, Result<[CardRecord]?, any Error>).self) { group in
          for date in wanted { group.addTask { (date, await Self.records(of: date, in: store)) } }
          return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for (date, result) in found.sorted(by: { $0.key < $1.key }) {
          switch result {
          case .success(let records): if let records { reading.days[date] = records }
          case .failure:
            reading.warnings.append(
              "\(store.location(of: Self.name(date, isDry: false, "json"))) can't be read and is left out of the history"
            )
          }
        }
      } catch {
        reading.warnings.append("earlier cards could not be read: \(error)")
      }
    }
    return reading
  }

  private func names(in store: ResultStore) async throws -> [String] {
    // A bucket may hold many other files.
    guard case .bucket(let bucket, let prefix) = store else { return try await store.names() }
    return try await ResultStore.bucket(bucket, prefix: prefix + Self.prefix).names().map { Self.prefix + $0 }
  }

  private static func records(
    of date: CalendarDate, in store: ResultStore
  ) async -> Result<[CardRecord]?, any Error> {
    do {
      guard let bytes = try await store.read(name(date, isDry: false, "json")) else { return .success(nil) }
      return .success(try JSONBody.decode([Lenient<CardRecord>].self, from: bytes).compactMap(\.value))
    } catch {
      return .failure(error)
    }
  }

  /// The newest cards that are stored in a folder, or in a bucket with the prefix of reports; nil where there are none.
  ///
  /// - Throws: What the store throws, or `JSONBodyError` where the file can't be read.
  public static func latest(in store: ResultStore) async throws -> (date: CalendarDate, records: [CardRecord])? {
    let files = CardFiles(folder: store) { _ in nil }
    guard let date = try await files.names(in: store).compactMap(Self.date).max(),
      let records = try await records(of: date, in: store).get()
    else { return nil }
    return (date, records)
  }

  /// The targets that somebody set: in the bucket, or else in the folder.
  ///
  /// - Returns: The file's bytes, and its name; nil where there is none.
  func overridingTargets() async throws -> (bytes: [UInt8], name: String)? {
    for store in [bucketRoot, folder].compactMap(\.self) {
      for name in TargetsFile.names {
        if let bytes = try await store.read(name) { return (bytes, name) }
      }
    }
    return nil
  }

  // MARK: Writing

  /// Writes the day's two files to the folder and to the bucket.
  ///
  /// - Returns: Where the CSV is; nil where it could not be written. And what failed.
  func write(
    _ records: [CardRecord], of date: CalendarDate, isDry: Bool
  ) async -> (csv: String?, problems: [String]) {
    var problems: [String] = []
    var csv: String?
    let files: [(name: String, bytes: () throws -> [UInt8])] = [
      (Self.name(date, isDry: isDry, "json"), { try JSONBody.encode(records) + [10] }),
      (Self.name(date, isDry: isDry, "csv"), { Array(CardCSV.text(records).utf8) }),
    ]
    for store in stores {
      for file in files {
        do {
          try await store.write(file.bytes(), to: file.name)
          if file.name.hasSuffix(".csv") { csv = store.location(of: file.name) }
        } catch {
          problems.append("\(store.location(of: file.name)) was not written: \(error)")
        }
      }
    }
    return (csv, problems)
  }
}
