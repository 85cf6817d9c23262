import AWSClient
import ConfigurationReading
import Formats
import FoundationEssentials
import HealthConfiguration
import Runs
import Time

/// The mapping in a DynamoDB table (`MAPPING_TABLE`): an item for each account, with `pk` `mapping`, the Salesforce id as `sk`,
/// and the columns of `account_mapping.csv` as attributes. One more item, `#version`, counts the changes.
public struct MappingTable: Sendable {
  /// What the table says at one moment.
  public struct Contents: Sendable {
    /// As `account_mapping.csv` would be, in the order of the ids; nil where the table has no account, or is not filled to
    /// its end.
    public var csv: [UInt8]?
    /// 0 for a table that no `map apply --table` has written.
    public var version: Int
    /// The first fill, whose rows count; nil where the table was not filled by one.
    fileprivate var fill: String?
  }

  /// Accounts that one change may touch: a transaction of DynamoDB has 100 items, one of which is the version.
  public static let largestChange = 99

  private static let partition = "mapping"
  private static let versionKey = "#version"
  /// Of the version and of rows: the first fill that wrote them.
  private static let fill = "fill"
  /// The columns in the order of a file; others follow.
  private static let columns = AccountMapping.requiredColumns + ["intercom_internal_id", "verified_by", "verified_at"]

  private let database: DynamoDB
  public let name: String

  public init(_ database: DynamoDB, name: String) {
    self.database = database
    self.name = name
  }

  /// - Throws: What the storage throws; a retry may help.
  public func contents() async throws -> Contents {
    let items = try await database.query(
      DynamoDBExpression(
        "#pk = :pk", names: ["#pk": "pk"], values: [":pk": .string(Self.partition)]), in: name, isConsistent: true)
    var rows: [(id: String, item: DynamoDBItem)] = []
    var version = 0
    var fill: String?
    for item in items {
      guard let key = item["sk"]?.text else { continue }
      if key == Self.versionKey {
        if item["filling"] != nil { return Contents(csv: nil, version: 0) }
        version = item["version"]?.integer ?? 0
        fill = item[Self.fill]?.text
      } else {
        rows.append((key, item))
      }
    }
    // What a first fill left that did not come to its end.
    rows.removeAll { row in row.item[Self.fill].map { $0.text != fill } ?? false }
    guard !rows.isEmpty else { return Contents(csv: nil, version: version, fill: fill) }
    let known = Set(rows.flatMap(\.item.keys)).subtracting(["pk", "sk", "sf_account_id", Self.fill])
    let extra = known.subtracting(Self.columns).sorted()
    let columns = Self.columns.filter { Self.required.contains($0) || known.contains($0) } + extra
    let lines = rows.sorted { $0.id < $1.id }.map { row in
      CSV.line(columns.map { $0 == "sf_account_id" ? row.id : row.item[$0]?.text ?? "" })
    }
    return Contents(csv: Array((CSV.line(columns) + lines.joined()).utf8), version: version, fill: fill)
  }

  private static let required = Set(AccountMapping.requiredColumns)

  /// Writes rows as one change: all of them, or none. The first rows of a table may be many; until the last one is
  /// written, the table counts as empty.
  ///
  /// - Parameters:
  ///   - rows: Each as column → text with its `sf_account_id`. A row replaces the stored one.
  ///   - contents: That were read before.
  ///   - person: Who changes it.
  /// - Throws: ``Conflict`` where somebody else was faster, ``Refusal`` for too many rows, what the storage throws.
  public func write(
    _ rows: [[String: String]], over contents: Contents, by person: String, at now: Timestamp
  ) async throws {
    let version = contents.version
    let puts = rows.map { row in
      var item: DynamoDBItem = ["pk": .string(Self.partition), "sk": .string(row["sf_account_id"] ?? "")]
      for (column, text) in row where column != "sf_account_id" && !text.isEmpty { item[column] = .string(text) }
      return TransactedPut(item)
    }
    var head: DynamoDBItem = [
      "pk": .string(Self.partition), "sk": .string(Self.versionKey), "version": .number(version + 1),
      "changed_by": .string(person), "changed_at": .string("\(now)"),
    ]
    // A table that was filled keeps its mark, without which the fill's rows would not count.
    if let fill = contents.fill { head[Self.fill] = .string(fill) }
    let isNew = DynamoDBExpression("attribute_not_exists(#version)", names: ["#version": "version"])
    if puts.count <= Self.largestChange {
      let isUnchanged = DynamoDBExpression(
        "#version = :version", names: ["#version": "version"], values: [":version": .number(version)])
      return try await transact(puts + [TransactedPut(head, if: version == 0 ? isNew : isUnchanged)])
    }
    guard version == 0 else {
      throw Refusal(
        description:
          "a table takes at most \(Self.largestChange) accounts in one change, the file decides \(puts.count): apply it in parts; nothing is written"
      )
    }
    // Each part checks that nobody else has begun to fill the table meanwhile.
    let token = UUID().uuidString
    var filling = head
    filling["version"] = nil
    filling["filling"] = .string(token)
    let isMine = DynamoDBExpression(
      "#filling = :token", names: ["#filling": "filling"], values: [":token": .string(token)])
    try await transact([TransactedPut(filling, if: isNew)])
    for start in stride(from: 0, to: puts.count, by: Self.largestChange) {
      var part = Array(puts[start..<min(start + Self.largestChange, puts.count)])
      for index in part.indices { part[index].item[Self.fill] = .string(token) }
      try await transact(part + [TransactedPut(filling, if: isMine)])
    }
    var filled = head
    filled[Self.fill] = .string(token)
    try await transact([TransactedPut(filled, if: isMine)])
  }

  private func transact(_ puts: [TransactedPut]) async throws {
    do {
      try await database.transact(puts, in: name, token: UUID().uuidString)
    } catch let error as ConditionFailed {
      throw Conflict(by: error.item?["changed_by"]?.text, at: error.item?["changed_at"]?.text)
    }
  }

  /// More than a table takes in one change.
  public struct Refusal: Error, Sendable, CustomStringConvertible {
    public let description: String
  }

  /// Somebody else changed the mapping after it was read.
  public struct Conflict: Error, Sendable, CustomStringConvertible {
    /// Nil where the table does not say.
    public var by: String?
    public var at: String?

    public var description: String {
      "the mapping was changed\(by.map { " by \($0)" } ?? "")\(at.map { " at \($0)" } ?? "") after it was read; nothing is written, look at the change and apply again"
    }
  }
}

extension AccountMapping {
  /// What the table says.
  ///
  /// - Throws: `ConfigurationError` where it can't be used, what the storage throws.
  public init(_ table: MappingTable) async throws {
    self = try AccountMapping(csv: await table.contents().csv, from: table.name)
  }

  init(csv: [UInt8]?, from place: String) throws {
    guard let csv else {
      throw ConfigurationError(problems: [
        "\(place): there is no account; fill it with `healthscore map apply … --table`, or unset \(MappingTable.variable)"
      ])
    }
    var problems: [ConfigurationProblem] = []
    guard let mapping = AccountMapping.parse(csv, file: place, problems: &problems) else {
      throw ConfigurationError(problems: problems.map(\.description))
    }
    self = mapping
  }
}

extension RunContext where Setup == HealthScoreSetup {
  /// The same with the mapping of the table, where `MAPPING_TABLE` names one.
  ///
  /// - Throws: ``JobError`` where it can't be read, or can't be used.
  func withMapping() async throws -> Self {
    var context = self
    do {
      let table = try MappingTable(environment, operations) { settings in
        DynamoDB(settings: settings, transport: sessions.transport, time: time, deadline: deadlines.extraction)
      }
      guard let table else { return self }
      try await context.setup.use(mapping: table.contents().csv, from: table.name)
    } catch let error as ConfigurationError {
      throw JobError(.invalidConfiguration, "\(error)")
    } catch is CancellationError {
      throw JobError(.terminated, "the environment is shutting down; nothing was written, run the period again")
    } catch {
      throw JobError(
        .storageUnavailable, "the mapping could not be read, so nothing was scored or written: \(error)")
    }
    return context
  }
}

extension MappingTable {
  /// The variable that names the table.
  public static let variable = "MAPPING_TABLE"

  /// Nil where `MAPPING_TABLE` is not set.
  ///
  /// - Throws: `ConfigurationError` where it is set and there are no AWS credentials.
  public init?(
    _ environment: Environment, _ operations: Operations, connection: (AWSSettings) -> DynamoDB
  ) throws {
    guard let name = environment[Self.variable] else { return nil }
    guard let settings = operations.aws else {
      throw ConfigurationError(problems: ["\(Self.variable) is set, but there are no AWS credentials to read it"])
    }
    self.init(connection(settings), name: name)
  }
}
