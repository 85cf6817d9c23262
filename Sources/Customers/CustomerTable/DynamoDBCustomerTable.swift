import AWSClient
import Concurrency
import CustomerModel
import Formats

/// The customers in a DynamoDB table whose partition key is `email`. Needs `dynamodb:Scan` and `dynamodb:UpdateItem`.
public struct DynamoDBCustomerTable: CustomerTable {
  private let database: DynamoDB
  private let name: String
  private let concurrency: Int

  /// - Parameters:
  ///   - name: A table's name or ARN.
  ///   - concurrency: The most rows that are written at the same time.
  public init(_ database: DynamoDB, name: String, concurrency: Int) {
    self.database = database
    self.name = name
    self.concurrency = concurrency
  }

  public func rows() async throws -> [String: Customer] {
    var rows: [String: Customer] = [:]
    try await database.scan(name, attributes: CustomerField.allCases.map(\.rawValue)) { items in
      for item in items {
        // Rows that only other sources have written are none of ours.
        if let row = Customer(item: item), row[.lastSync] != nil { rows[row.email] = row }
      }
    }
    return rows
  }

  public func write(_ rows: [Customer]) async -> WrittenRows {
    var result = WrittenRows()
    await concurrently(rows, atMost: concurrency) { row in
      try await write(row)
    } each: { row, outcome in
      switch outcome {
      case .success: break
      case .failure(is ConditionFailed): result.outdated.insert(row.email)
      case .failure(let error):
        result.failed.insert(row.email)
        result.errors.insert("\(error)")
      }
    }
    return result
  }

  private func write(_ row: Customer) async throws {
    var names: [String: String] = [:]
    var values: DynamoDBItem = [:]
    var sets: [String] = []
    var removals: [String] = []
    for (position, field) in CustomerField.allCases.enumerated() where field != .email {
      names["#f\(position)"] = field.rawValue
      if let value = row[field] {
        values[":f\(position)"] = AttributeValue(value)
        sets.append("#f\(position) = :f\(position)")
      } else {
        removals.append("#f\(position)")
      }
    }
    let update =
      "SET " + sets.joined(separator: ", ")
      + (removals.isEmpty ? "" : " REMOVE " + removals.joined(separator: ", "))
    let sync = row.text(.lastSync) ?? ""
    try await database.update(
      [CustomerField.email.rawValue: .string(row.email)], in: name,
      DynamoDBExpression(update, names: names, values: values),
      if: DynamoDBExpression(
        "attribute_not_exists(#sync) OR #sync <= :sync", names: ["#sync": CustomerField.lastSync.rawValue],
        values: [":sync": .string(sync)]),
      isIdempotent: true)
  }
}

extension AttributeValue {
  init(_ value: CustomerValue) {
    self =
      switch value {
      case .text(let text): .string(text)
      case .number(let digits): .number(digits)
      case .flag(let flag): .bool(flag)
      case .numbers(let numbers): .map(numbers.mapValues { .number($0) })
      case .texts(let texts): .strings(texts)
      }
  }
}

extension Customer {
  /// Nil where the item has no address. A value of an unexpected type is as good as absent: the next run writes it anew.
  init?(item: DynamoDBItem) {
    guard let email = item[CustomerField.email.rawValue]?.text else { return nil }
    self.init(email: email)
    for field in CustomerField.allCases where field != .email {
      self[field] = item[field.rawValue].flatMap { CustomerValue($0) }
    }
  }
}

extension CustomerValue {
  init?(_ value: AttributeValue) {
    switch value {
    case .string(let text): self = .text(text)
    // Another writer may spell the same number in another way.
    case .number(let digits): self = .number(Rational(decimal: digits)?.decimalText ?? digits)
    case .bool(let flag): self = .flag(flag)
    case .strings(let texts): self = .texts(texts.sorted())
    case .map(let members):
      self = .numbers(
        members.compactMapValues { value in
          if case .number(let digits) = value { Rational(decimal: digits)?.decimalText ?? digits } else { nil }
        })
    default: return nil
    }
  }
}
