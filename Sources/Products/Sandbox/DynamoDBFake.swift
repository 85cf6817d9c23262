import Concurrency
import Foundation
import HTTPClient

/// A fake of DynamoDB. The first write creates a table; its keys are `pk` and `sk`, or `email` alone. Of the expression
/// language it knows conditions on single attributes.
final class DynamoDBFake: Sendable {
  typealias Item = [String: [String: Any]]

  // Unchecked is safe: it holds only plain JSON values, and only code with the lock uses it.
  private struct Tables: @unchecked Sendable {
    var items: [String: [String: Item]] = [:]
    /// Keys in order, as a scan reads them; nil where an item was added since.
    var order: [String: [String]] = [:]
  }

  private let tables = Lock(Tables())

  /// A table's items in the order of their keys: values as text by attribute.
  func items(in table: String) -> [[String: String]] {
    tables.withLock { tables in
      (tables.items[table] ?? [:]).sorted { $0.key < $1.key }.map { entry in
        entry.value.mapValues { value in value.values.first.map(Self.text) ?? "" }
      }
    }
  }

  /// The same text for equal values.
  private static func text(_ value: Any) -> String {
    if let text = value as? String { return text }
    // Numbers are texts in DynamoDB's JSON, so this is true or false.
    if let flag = value as? Bool { return "\(flag)" }
    let data = try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
    return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  func respond(_ request: HTTPRequest) -> HTTPResponse {
    guard request.headers["Authorization"]?.hasPrefix("AWS4-HMAC-SHA256 Credential=") ?? false else {
      return refusal("MissingAuthenticationTokenException")
    }
    let operation = request.headers["X-Amz-Target"]?.split(separator: ".").last ?? ""
    guard let body = try? JSONSerialization.jsonObject(with: Data(request.body ?? [])) as? [String: Any] else {
      return refusal("ValidationException")
    }
    if operation == "TransactWriteItems" { return transact(body) }
    guard let table = body["TableName"] as? String else { return refusal("ValidationException") }
    let words = Words(
      names: body["ExpressionAttributeNames"] as? [String: String] ?? [:],
      values: body["ExpressionAttributeValues"] as? Item ?? [:])
    return tables.withLock { tables in
      let item = (operation == "PutItem" ? body["Item"] : body["Key"]) as? Item ?? [:]
      guard let key = key(of: item) else {
        switch operation {
        case "Query": return query(body, words, tables.items[table] ?? [:])
        case "Scan":
          let items = tables.items[table] ?? [:]
          if tables.order[table]?.count != items.count { tables.order[table] = items.keys.sorted() }
          return scan(body, words, items, tables.order[table] ?? [])
        default: return refusal("ValidationException")
        }
      }
      let old = tables.items[table]?[key]
      if let condition = body["ConditionExpression"] as? String, !holds(condition, of: old, words) {
        var answer: [String: Any] = ["__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"]
        if body["ReturnValuesOnConditionCheckFailure"] as? String == "ALL_OLD", let old { answer["Item"] = old }
        return json(answer, status: 400)
      }
      switch operation {
      case "DeleteItem":
        tables.items[table]?[key] = nil
        tables.order[table] = nil
      case "PutItem": tables.items[table, default: [:]][key] = item
      case "UpdateItem":
        tables.items[table, default: [:]][key] = updated(old ?? item, body, words)
      case "GetItem": return json(old.map { ["Item": $0] } ?? [:])
      default: return refusal("UnknownOperationException")
      }
      return json([:])
    }
  }

  /// Puts with conditions: all of them, or none.
  private func transact(_ body: [String: Any]) -> HTTPResponse {
    let puts = (body["TransactItems"] as? [[String: Any]] ?? []).map { $0["Put"] as? [String: Any] ?? [:] }
    guard (1...100).contains(puts.count) else { return refusal("ValidationException") }
    return tables.withLock { tables in
      var reasons: [[String: Any]] = []
      var writes: [(table: String, key: String, item: Item)] = []
      for put in puts {
        guard let table = put["TableName"] as? String, let item = put["Item"] as? Item, let key = key(of: item),
          !writes.contains(where: { $0.table == table && $0.key == key })
        else { return refusal("ValidationException") }
        let words = Words(
          names: put["ExpressionAttributeNames"] as? [String: String] ?? [:],
          values: put["ExpressionAttributeValues"] as? Item ?? [:])
        let old = tables.items[table]?[key]
        let isTrue = (put["ConditionExpression"] as? String).map { holds($0, of: old, words) } ?? true
        reasons.append(isTrue ? ["Code": "None"] : ["Code": "ConditionalCheckFailed", "Item": old ?? [:]])
        writes.append((table, key, item))
      }
      guard reasons.allSatisfy({ $0["Code"] as? String == "None" }) else {
        return json(
          [
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "CancellationReasons": reasons,
          ], status: 400)
      }
      for write in writes {
        tables.items[write.table, default: [:]][write.key] = write.item
        tables.order[write.table] = nil
      }
      return json([:])
    }
  }

  private func key(of item: Item) -> String? {
    if let email = item["email"]?["S"] as? String { return email }
    guard let partition = item["pk"]?["S"] as? String, let sort = item["sk"]?["S"] as? String else { return nil }
    return "\(partition)\u{0}\(sort)"
  }

  private func query(_ body: [String: Any], _ words: Words, _ items: [String: Item]) -> HTTPResponse {
    let condition = body["KeyConditionExpression"] as? String ?? ""
    let found = items.sorted { $0.key < $1.key }.map(\.value).filter { holds(condition, of: $0, words) }
    return json(["Items": found, "Count": found.count])
  }

  /// Pages of 1000 items.
  private func scan(_ body: [String: Any], _ words: Words, _ items: [String: Item], _ order: [String]) -> HTTPResponse {
    let names = Set(
      (body["ProjectionExpression"] as? String ?? "").components(separatedBy: ", ").map { words.attribute($0) })
    let start = (body["ExclusiveStartKey"] as? Item).flatMap { key(of: $0) }
    let rest = start.map { start in order.drop { $0 <= start } } ?? order[...]
    let page = rest.prefix(1000)
    let found = page.compactMap { items[$0]?.filter { names.contains($0.key) } }
    var answer: [String: Any] = ["Items": found, "Count": page.count]
    if page.count < rest.count, let last = page.last { answer["LastEvaluatedKey"] = ["email": ["S": last]] }
    return json(answer)
  }

  /// Evaluates comparisons joined by AND, and such terms joined by OR. Knows no parentheses.
  private func holds(_ condition: String, of item: Item?, _ words: Words) -> Bool {
    condition.components(separatedBy: " OR ").contains { term in
      term.components(separatedBy: " AND ").allSatisfy { comparison in
        if comparison.hasPrefix("attribute_not_exists(") {
          return item?[words.attribute(String(comparison.dropFirst(21).dropLast()))] == nil
        }
        let parts = comparison.split(separator: " ").map(String.init)
        guard parts.count == 3, let left = item?[words.attribute(parts[0])], let right = words.values[parts[2]]
        else { return false }
        if let left = left["N"] as? String, let right = right["N"] as? String {
          let (left, right) = (Double(left) ?? 0, Double(right) ?? 0)
          return parts[1] == "<=" ? left <= right : parts[1] == "<" ? left < right : left == right
        }
        guard let left = left["S"] as? String, let right = right["S"] as? String else { return false }
        return parts[1] == "<=" ? left <= right : left == right
      }
    }
  }

  /// `SET a = :a, b = :b REMOVE c, d`.
  private func updated(_ item: Item, _ body: [String: Any], _ words: Words) -> Item {
    var item = item
    let clauses = (body["UpdateExpression"] as? String ?? "").components(separatedBy: " REMOVE ")
    for name in clauses.count > 1 ? clauses[1].components(separatedBy: ", ") : [] { item[words.attribute(name)] = nil }
    for assignment in clauses[0].dropFirst("SET ".count).components(separatedBy: ", ") {
      let parts = assignment.components(separatedBy: " = ")
      if parts.count == 2 { item[words.attribute(parts[0])] = words.values[parts[1]] }
    }
    return item
  }

  /// The placeholders of an expression.
  private struct Words {
    let names: [String: String]
    let values: Item

    func attribute(_ name: String) -> String { names[name] ?? name }
  }

  private func refusal(_ code: String) -> HTTPResponse {
    json(["__type": "com.amazonaws.dynamodb.v20120810#\(code)", "message": "refused by the sandbox"], status: 400)
  }

  private func json(_ object: [String: Any], status: Int = 200) -> HTTPResponse {
    SandboxJSON.response(
      object, status: status,
      headers: ["Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "SANDBOX"])
  }
}
