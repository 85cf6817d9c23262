import AWSClient
import Concurrency
import Connectors
import Formats
import HTTPClient
import Runs
import SimpleFIN
import Time

/// Counts the requests to a source that takes only so many a day, across runs: in a file beside the cards, and in the run
/// item's table. A request is counted before it is sent.
actor RequestLedger {
  /// In 24 hours, however they fall. SimpleFIN expects 24 a day at most, and ends tokens that ask more.
  static let limit = 20
  private static let memory: Int64 = 86_400_000
  private static let fileName = "simplefin_requests.json"

  private struct File: Codable {
    var requests: [Timestamp]
  }

  /// The same item for all runs.
  private struct Table {
    let database: DynamoDB
    let options: MetricsTableOptions

    var key: DynamoDBItem {
      [
        options.partitionKey: .string("\(BusinessMetricsJob().name)#requests"),
        options.sortKey: .string(SourceID.simpleFIN.name),
      ]
    }
  }

  private let stores: [ResultStore]
  private let table: Table?
  private let now: @Sendable () -> Timestamp
  /// What could not be read or written; the count goes on where one place works.
  private(set) var warnings: [String] = []

  init(_ context: RunContext<some Sendable>) {
    let bucket = (try? context.bucket(prefix: ResultStore.reportsPrefix)) ?? nil
    self.init(
      [context.folder, bucket].compactMap(\.self), context.operations, context.sessions.transport, context.time,
      deadline: context.deadlines.closing)
  }

  /// - Parameter stores: Where the file is kept.
  init(
    _ stores: [ResultStore], _ operations: Operations, _ transport: any HTTPTransport, _ time: TimeSource,
    deadline: Duration?
  ) {
    self.stores = stores
    table = operations.aws.map { settings in
      Table(
        database: DynamoDB(settings: settings, transport: transport, time: time, deadline: deadline),
        options: operations.metricsTable)
    }
    now = { time.now }
  }

  /// Counts one more request.
  ///
  /// - Throws: ``SourceError`` of kind `unavailable` where 20 were sent within 24 hours, or where the count can't be kept.
  func permit() async throws {
    var failure: (any Error)?
    for _ in 0..<5 {
      let item = await read { try await table?.database.item(table?.key ?? [:], in: table?.options.name ?? "") } ?? nil
      var requests = Set((item?["requests"]?.instants) ?? [])
      for store in stores {
        guard let bytes = await read({ try await store.read(Self.fileName) }) ?? nil else { continue }
        guard let file = try? JSONBody.decode(File.self, from: bytes) else {
          warn("\(store.location(of: Self.fileName)) can't be read; its requests are not counted")
          continue
        }
        requests.formUnion(file.requests)
      }
      let now = now()
      requests = requests.filter { $0.milliseconds > now.milliseconds - Self.memory }
      guard requests.count < Self.limit else {
        throw SourceError(
          .unavailable,
          "SimpleFIN was asked \(requests.count) times within 24 hours, which is the most that it may be asked; the next request is possible after \(requests.min().map { "\($0.advanced(bySeconds: 86_400))" } ?? "a day")"
        )
      }
      // Two requests of the same millisecond are two.
      var instant = now
      while requests.contains(instant) { instant.milliseconds += 1 }
      requests.insert(instant)
      do {
        guard try await write(requests.sorted(), after: item) else { continue }
        return
      } catch {
        failure = error
        break
      }
    }
    throw SourceError(
      .unavailable,
      "SimpleFIN was not asked, since the count of its requests can't be kept\(failure.map { ": \($0)" } ?? "")")
  }

  /// - Returns: False where another run has counted meanwhile.
  private func write(_ requests: [Timestamp], after item: DynamoDBItem?) async throws -> Bool {
    var isKept = false
    var failure: (any Error)?
    if let table {
      var next = table.key
      let version = item?["version"]?.integer ?? 0
      next["requests"] = .list(requests.map { .number(Int($0.milliseconds)) })
      next["version"] = .number(version + 1)
      let condition =
        item == nil
        ? DynamoDBExpression("attribute_not_exists(#key)", names: ["#key": table.options.partitionKey])
        : DynamoDBExpression(
          "#version = :version", names: ["#version": "version"], values: [":version": .number(version)])
      do {
        try await table.database.put(next, in: table.options.name, if: condition)
        isKept = true
      } catch is ConditionFailed {
        return false
      } catch {
        failure = error
        warn("SimpleFIN's requests are not counted in the table \(table.options.name): \(error)")
      }
    }
    for store in stores {
      do {
        try await store.write(JSONBody.encode(File(requests: requests)) + [10], to: Self.fileName)
        isKept = true
      } catch {
        failure = error
        warn("\(store.location(of: Self.fileName)) was not written: \(error)")
      }
    }
    if !isKept, let failure { throw failure }
    return true
  }

  private func read<Value>(_ body: () async throws -> Value?) async -> Value? {
    do {
      return try await body()
    } catch {
      warn("SimpleFIN's earlier requests could not be read: \(error)")
      return nil
    }
  }

  private func warn(_ warning: String) {
    if !warnings.contains(warning) { warnings.append(warning) }
  }
}

extension AttributeValue {
  /// Of a list of milliseconds.
  fileprivate var instants: [Timestamp]? {
    guard case .list(let values) = self else { return nil }
    return values.compactMap { $0.integer.map { Timestamp(milliseconds: Int64($0)) } }
  }
}
