import AWSClient
import Concurrency
import Formats
import Runs
import Time

/// The state as items of the metrics table: `customer_sync#state` / `intercom` with the watermark, and the facts in parts
/// beside it. None of them expires. Needs `dynamodb:GetItem`, `PutItem` and `UpdateItem`.
public actor SyncStateItems: SyncStateStore {
  /// An item may have 400 KB; a part of more than this makes twice as many parts.
  static let maximumPartBytes = 300_000
  private static let partitionKey = "customer_sync#state"
  private static let headKey = "intercom"

  private let database: DynamoDB
  private let options: MetricsTableOptions
  private let now: Timestamp
  private var head: SyncStateHead?
  /// The stored bytes of each part, so that an unchanged part is not written.
  private var stored: [[UInt8]] = []

  /// - Parameter now: When the run began.
  public init(_ database: DynamoDB, options: MetricsTableOptions, now: Timestamp) {
    self.database = database
    self.options = options
    self.now = now
  }

  public func load() async throws -> SyncState? {
    guard let bytes = try await data(Self.headKey) else { return nil }
    guard let head = try? JSONBody.decode(SyncStateHead.self, from: bytes),
      head.version == SyncStateHead.currentVersion, (1...4096).contains(head.parts)
    else { return nil }
    var state = head.state
    // A part that is gone is known no more than one of another version: everything is read again.
    guard let stored = try await parts(of: head) else { return nil }
    for bytes in stored {
      guard let part = try? JSONBody.decode(SyncStatePart.self, from: bytes) else { return nil }
      part.add(to: &state)
    }
    self.head = head
    self.stored = stored
    return state
  }

  /// Nil where one is gone.
  nonisolated private func parts(of head: SyncStateHead) async throws -> [[UInt8]]? {
    var parts = Array(repeating: [UInt8]?.none, count: head.parts)
    var problem: (any Error)?
    await concurrently(0..<head.parts, atMost: 8) { index in
      try await self.data(Self.partKey(head.generation, index))
    } each: { index, result in
      switch result {
      case .success(let bytes): parts[index] = bytes
      case .failure(let error): problem = error
      }
    }
    if let problem { throw problem }
    let found = parts.compactMap(\.self)
    return found.count == parts.count ? found : nil
  }

  public func saveFacts(_ state: SyncState) async throws {
    var next = SyncStateHead(state).keepingWatermark(of: head)
    var parts = try Self.encoded(state, count: next.parts)
    while parts.contains(where: { $0.count > Self.maximumPartBytes }), next.parts < 4096 {
      next.parts *= 2
      parts = try Self.encoded(state, count: next.parts)
    }
    let isNewGeneration = head.map { $0.parts != next.parts } ?? true
    // No earlier generation has the number of a later instant.
    if isNewGeneration { next.generation = Int(now.milliseconds) }
    try await put(parts.indices.filter { isNewGeneration || stored[$0] != parts[$0] }, of: parts, next)
    if head != next {
      try await put(try JSONBody.encode(next), Self.headKey)
      if let head, isNewGeneration { try await expire(head) }
    }
    head = next
    stored = parts
  }

  nonisolated private func put(_ indices: [Int], of parts: [[UInt8]], _ head: SyncStateHead) async throws {
    var problem: (any Error)?
    await concurrently(indices, atMost: 8) { index in
      try await self.put(parts[index], Self.partKey(head.generation, index))
    } each: { _, result in
      if case .failure(let error) = result { problem = error }
    }
    if let problem { throw problem }
  }

  public func saveWatermark(_ state: SyncState) async throws {
    var next = SyncStateHead(state)
    if let head { (next.generation, next.parts) = (head.generation, head.parts) }
    if next != head { try await put(try JSONBody.encode(next), Self.headKey) }
    head = next
  }

  private static func encoded(_ state: SyncState, count: Int) throws -> [[UInt8]] {
    try SyncStatePart.parts(of: state, count: count).map { try JSONBody.encode($0) }
  }

  private static func partKey(_ generation: Int, _ index: Int) -> String { "intercom#\(generation)#\(index)" }

  // MARK: Items

  nonisolated private func key(_ sort: String) -> DynamoDBItem {
    [options.partitionKey: .string(Self.partitionKey), options.sortKey: .string(sort)]
  }

  /// Takes the place of `data` where the table's keys have that name.
  nonisolated private var dataName: String {
    [options.partitionKey, options.sortKey, options.expiry].contains("data") ? "data_" : "data"
  }

  nonisolated private func data(_ sort: String) async throws -> [UInt8]? {
    guard let item = try await database.item(key(sort), in: options.name) else { return nil }
    return Array((item[dataName]?.text ?? "").utf8)
  }

  nonisolated private func put(_ bytes: [UInt8], _ sort: String) async throws {
    var item = key(sort)
    item[dataName] = .string(String(decoding: bytes, as: UTF8.self))
    try await database.put(item, in: options.name)
  }

  /// Lets DynamoDB remove the parts of a generation that is no longer used.
  private func expire(_ head: SyncStateHead) async throws {
    for index in 0..<head.parts {
      try await database.update(
        key(Self.partKey(head.generation, index)), in: options.name,
        DynamoDBExpression(
          "SET #expiry = :now", names: ["#expiry": options.expiry], values: [":now": .number(Int(now.seconds))]),
        isIdempotent: true)
    }
  }
}
