import Formats
import HTTPClient
import Time

/// Attribute name → value.
public typealias DynamoDBItem = [String: AttributeValue]

/// A condition or an update in DynamoDB's expression language, with its names and values.
public struct DynamoDBExpression: Sendable, Equatable {
  /// With `#name` and `:value` as placeholders.
  public var text: String
  /// `#name` → attribute.
  public var names: [String: String]
  /// `:value` → value.
  public var values: DynamoDBItem

  public init(_ text: String, names: [String: String] = [:], values: DynamoDBItem = [:]) {
    self.text = text
    self.names = names
    self.values = values
  }
}

/// One item of a transaction.
public struct TransactedPut: Sendable {
  public var item: DynamoDBItem
  /// What has to be true of the stored item; nil: anything.
  public var condition: DynamoDBExpression?

  public init(_ item: DynamoDBItem, if condition: DynamoDBExpression? = nil) {
    self.item = item
    self.condition = condition
  }
}

/// DynamoDB refused a conditional write, because its condition is false.
public struct ConditionFailed: Error, Sendable, Equatable {
  /// The item that is stored; nil where DynamoDB did not return it.
  public var item: DynamoDBItem?
}

/// The DynamoDB calls that this product makes: signed POST requests with JSON 1.0.
///
/// Throws ``AWSError`` for a refusal, `RequestFailure` where retries are used up, `JSONBodyError` for an answer that is
/// not the expected JSON.
///
/// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/
public struct DynamoDB: Sendable {
  private let api: APIClient
  private let endpoint: String
  private let time: TimeSource

  /// - Parameters:
  ///   - deadline: On the monotonic clock; no call outlives it.
  ///   - concurrency: The most calls at the same time.
  public init(
    settings: AWSSettings, transport: any HTTPTransport, time: TimeSource = .system, deadline: Duration? = nil,
    concurrency: Int = 8
  ) {
    self.time = time
    endpoint = settings.dynamoDBEndpoint ?? "https://dynamodb.\(settings.region).\(settings.domain)"
    api = APIClient(
      transport: SigningTransport("dynamodb", settings: settings, transport: transport, time: time),
      limiter: RateLimiter(RateLimit(requests: 2000, window: .seconds(1), maximumConcurrency: concurrency)),
      policy: RetryPolicy(
        maximumAttempts: 5, baseDelay: .milliseconds(50), maximumDelay: .seconds(2),
        retryableStatuses: [408, 409, 429, 500, 502, 503, 504]),
      time: time, deadline: deadline, verdict: { DynamoDB.isThrottled($0) ? .throttled(retryAfter: nil) : nil })
  }

  /// Replaces the whole item.
  ///
  /// - Throws: ``ConditionFailed`` too.
  public func put(_ item: DynamoDBItem, in table: String, if condition: DynamoDBExpression? = nil) async throws {
    var request = Request(table)
    request.Item = item
    request.set(condition: condition)
    // Safe to repeat: the same item twice is the same item. With a condition, a retry can be refused because an earlier
    // attempt succeeded.
    _ = try await send("PutItem", request, about: table, Nothing.self)
  }

  /// Changes attributes of an item; creates the item where there is none.
  ///
  /// - Parameter isIdempotent: Whether it may be applied twice, as a SET of fixed values may.
  /// - Throws: ``ConditionFailed`` too.
  public func update(
    _ key: DynamoDBItem, in table: String, _ update: DynamoDBExpression, if condition: DynamoDBExpression? = nil,
    isIdempotent: Bool
  ) async throws {
    var request = Request(table)
    request.Key = key
    request.UpdateExpression = update.text
    request.add(update)
    request.set(condition: condition)
    _ = try await send("UpdateItem", request, about: table, isIdempotent: isIdempotent, Nothing.self)
  }

  /// Reads an item strongly consistently; nil where there is none.
  public func item(_ key: DynamoDBItem, in table: String) async throws -> DynamoDBItem? {
    var request = Request(table)
    request.Key = key
    request.ConsistentRead = true
    return try await send("GetItem", request, about: table, ItemAnswer.self).Item
  }

  /// Replaces many items, 25 per call, until none is left unprocessed. Of items with equal keys the last one counts.
  ///
  /// - Parameter keyNames: The table's key attributes.
  public func write(_ items: [DynamoDBItem], in table: String, keyNames: [String]) async throws {
    var latest: [String: DynamoDBItem] = [:]
    var order: [String] = []
    for item in items {
      let key = String(decoding: try JSONBody.encode(keyNames.map { item[$0] }), as: UTF8.self)
      if latest.updateValue(item, forKey: key) == nil { order.append(key) }
    }
    for start in stride(from: 0, to: order.count, by: 25) {
      var open = order[start..<min(start + 25, order.count)].compactMap { latest[$0] }
      var round = 0
      while !open.isEmpty {
        let requests = open.map { WriteRequest(PutRequest: .init(Item: $0)) }
        let answer = try await send(
          "BatchWriteItem", BatchWrite(RequestItems: [table: requests]), about: table, BatchAnswer.self)
        let left = (answer.UnprocessedItems?[table] ?? []).compactMap(\.PutRequest?.Item)
        round = left.count < open.count ? 0 : round + 1
        open = left
        guard !open.isEmpty else { break }
        guard round < 8 else {
          throw AWSError(operation: "BatchWriteItem on \(table)", code: "UnprocessedItems", status: 200)
        }
        try await api.wait(.milliseconds(50) * (1 << round), for: "BatchWriteItem on \(table)")
      }
    }
  }

  /// Writes all of up to 100 items, or none.
  ///
  /// - Parameter token: Names this attempt, so that a repeated request is applied once: up to 36 characters.
  /// - Throws: ``ConditionFailed`` too, with the first item whose condition is false.
  public func transact(_ writes: [TransactedPut], in table: String, token: String) async throws {
    let puts = writes.map { write in
      var request = Request(table)
      request.Item = write.item
      request.set(condition: write.condition)
      request.ReturnValuesOnConditionCheckFailure = "ALL_OLD"
      return TransactItem(Put: request)
    }
    _ = try await send(
      "TransactWriteItems", Transaction(TransactItems: puts, ClientRequestToken: token), about: table, Nothing.self)
  }

  /// All items that match a key condition, from all pages.
  ///
  /// - Parameter isConsistent: Whether each page has all that was written before.
  public func query(
    _ condition: DynamoDBExpression, in table: String, isConsistent: Bool = false
  ) async throws -> [DynamoDBItem] {
    var request = Request(table)
    if isConsistent { request.ConsistentRead = true }
    request.KeyConditionExpression = condition.text
    request.add(condition)
    var items: [DynamoDBItem] = []
    var pager = Pager { AWSError(operation: "Query on \(table)", code: "RepeatedCursor", status: 200) }
    while true {
      let page = try await send("Query", request, about: table, QueryAnswer.self)
      items += page.Items
      guard let next = page.LastEvaluatedKey, !next.isEmpty else { return items }
      // A page may be empty although more follow.
      try pager.follow(String(decoding: try JSONBody.encode(next), as: UTF8.self), rows: nil)
      request.ExclusiveStartKey = next
    }
  }

  /// All items of a table, a page of up to 1 MiB at a time.
  ///
  /// - Parameters:
  ///   - attributes: The ones to read.
  ///   - use: Gets each page's items.
  public func scan(_ table: String, attributes: [String], _ use: ([DynamoDBItem]) throws -> Void) async throws {
    var request = Request(table)
    request.ConsistentRead = true
    let names = Dictionary(uniqueKeysWithValues: attributes.enumerated().map { ("#a\($0)", $1) })
    request.ProjectionExpression = names.keys.sorted().joined(separator: ", ")
    request.add(DynamoDBExpression("", names: names))
    var pager = Pager { AWSError(operation: "Scan on \(table)", code: "RepeatedCursor", status: 200) }
    while true {
      let page = try await send("Scan", request, about: table, QueryAnswer.self)
      try use(page.Items)
      guard let next = page.LastEvaluatedKey, !next.isEmpty else { return }
      try pager.follow(String(decoding: try JSONBody.encode(next), as: UTF8.self), rows: nil)
      request.ExclusiveStartKey = next
    }
  }

  // MARK: Sending

  private func send<Answer: Decodable>(
    _ operation: String, _ body: some Encodable, about table: String, isIdempotent: Bool = true, _ type: Answer.Type
  ) async throws -> Answer {
    var request = HTTPRequest(
      .post, endpoint + "/",
      headers: [
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.\(operation)",
      ], body: try JSONBody.encode(body), timeout: .seconds(10), connectTimeout: .seconds(3))
    request.label = "\(operation) on \(table) (DynamoDB, \(Self.host(endpoint)))"
    let response = try await api.send(request, isIdempotent: isIdempotent)
    if response.isSuccess { return try response.decode(type) }
    let code = Self.errorCode(response)
    if code == "ConditionalCheckFailedException" {
      throw ConditionFailed(item: (try? response.decode(ItemAnswer.self))?.Item)
    }
    if code == "TransactionCanceledException",
      let reason = (try? response.decode(Cancellation.self))?.CancellationReasons.first(where: {
        $0.Code == "ConditionalCheckFailed"
      })
    {
      throw ConditionFailed(item: reason.Item)
    }
    throw AWSError(
      operation: "\(operation) on \(table)", code: code ?? "HTTP \(response.status)", status: response.status,
      requestID: response.headers["x-amzn-RequestId"],
      advice: AWSError.clockAdvice(code, response, now: time.wall()))
  }

  private static func host(_ endpoint: String) -> String {
    String(endpoint.drop { $0 != "/" }.drop { $0 == "/" }.prefix { $0 != "/" })
  }

  /// The names of the table's key attributes, the partition key first.
  public func keyNames(of table: String) async throws -> [String] {
    let description = try await send("DescribeTable", Request(table), about: table, TableAnswer.self).Table
    return description.KeySchema.sorted { $0.KeyType < $1.KeyType }.map(\.AttributeName)
  }

  /// Codes of temporary problems, which DynamoDB also sends with status 400.
  private static let throttles: Set<String> = [
    "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "LimitExceededException",
    "TransactionInProgressException", "RequestTimeout", "RequestTimeoutException", "InternalServerError",
    "ServiceUnavailable",
  ]

  /// Whether a 400 means throttling or another temporary problem. Only the body distinguishes it from a wrong request.
  @Sendable private static func isThrottled(_ response: HTTPResponse) -> Bool {
    response.status == 400 && errorCode(response).map(throttles.contains) ?? false
  }

  /// `com.amazonaws.dynamodb.v20120810#Code:uri` → `Code`. A proxy before the service may answer in XML.
  private static func errorCode(_ response: HTTPResponse) -> String? {
    let document = String(decoding: response.body.prefix(4096), as: UTF8.self)
    guard
      let type = (try? response.decode(ErrorAnswer.self))?.__type ?? response.headers["x-amzn-ErrorType"]
        ?? XMLText.first("Code", in: document)
    else { return nil }
    return type.prefix { $0 != ":" }.split(separator: "#").last.flatMap { VendorCode(String($0))?.description }
  }
}

// Property names are those of DynamoDB's JSON.

private struct Request: Encodable {
  let TableName: String
  var Item: DynamoDBItem?
  var Key: DynamoDBItem?
  var UpdateExpression: String?
  var ConditionExpression: String?
  var KeyConditionExpression: String?
  var ProjectionExpression: String?
  var ExpressionAttributeNames: [String: String]?
  var ExpressionAttributeValues: DynamoDBItem?
  var ReturnValuesOnConditionCheckFailure: String?
  var ConsistentRead: Bool?
  var ExclusiveStartKey: DynamoDBItem?

  init(_ table: String) { TableName = table }

  /// Leaves out empty maps, which DynamoDB refuses.
  mutating func add(_ expression: DynamoDBExpression) {
    if !expression.names.isEmpty {
      ExpressionAttributeNames = (ExpressionAttributeNames ?? [:]).merging(expression.names) { $1 }
    }
    if !expression.values.isEmpty {
      ExpressionAttributeValues = (ExpressionAttributeValues ?? [:]).merging(expression.values) { $1 }
    }
  }

  mutating func set(condition: DynamoDBExpression?) {
    guard let condition else { return }
    ConditionExpression = condition.text
    ReturnValuesOnConditionCheckFailure = "ALL_OLD"
    add(condition)
  }
}

private struct BatchWrite: Encodable {
  let RequestItems: [String: [WriteRequest]]
}

private struct WriteRequest: Codable {
  struct Put: Codable { let Item: DynamoDBItem }
  let PutRequest: Put?
}

private struct TransactItem: Encodable { let Put: Request }

private struct Transaction: Encodable {
  let TransactItems: [TransactItem]
  let ClientRequestToken: String
}

private struct Cancellation: Decodable {
  struct Reason: Decodable {
    let Code: String?
    let Item: DynamoDBItem?
  }

  let CancellationReasons: [Reason]
}

private struct Nothing: Decodable {}

private struct TableAnswer: Decodable {
  struct Table: Decodable { let KeySchema: [Key] }

  struct Key: Decodable {
    let AttributeName: String
    /// `HASH` or `RANGE`.
    let KeyType: String
  }

  let Table: Table
}

private struct ItemAnswer: Decodable { let Item: DynamoDBItem? }

private struct BatchAnswer: Decodable { let UnprocessedItems: [String: [WriteRequest]]? }

private struct QueryAnswer: Decodable {
  /// Always there, though it may be empty: an answer of something else must not pass for an empty table.
  let Items: [DynamoDBItem]
  let LastEvaluatedKey: DynamoDBItem?
}

private struct ErrorAnswer: Decodable { let __type: String? }
