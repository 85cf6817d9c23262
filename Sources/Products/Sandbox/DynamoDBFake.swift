import Concurrency
import Foundation
import HTTPClient

/// A fake of DynamoDB. The first write creates a table; its keys are `pk` and `sk`, or `email` alone. Of the expression
/// language it knows conditions on single attributes.
final class DynamoDBFake: Sendable {
  typealias Item = [String: [String: Any]]

  // Unchecked is safe: it holds only plain JSON values, and only code with the lock uses it.
  private struct Tables: @unchecked Sendable { var items: [String: [String: Item]] = [:] }

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
    guard let body = try? JSONSerialization.jsonObject(with: Data(request.body ?? [])) as? [String: Any],
      let table = body["TableName"] as? String
    else { return refusal("ValidationException") }
    return tables.withLock { tables in
      let item = (operation == "PutItem" ? body["Item"] : body["Key"]) as? Item ?? [:]
      guard let key = key(of: item) else {
        switch operation {
        case "Query": return query(body, tables.items[table] ?? [:])
        case "Scan": return scan(body, tables.items[table] ?? [:])
        default: return refusal("ValidationException")
        }
      }
      let old = tables.items[table]?[key]
      if let condition = body["ConditionExpression"] as? String, !holds(condition, of: old, body) {
        var answer: [String: Any] = ["__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"]
        if body["ReturnValuesOnConditionCheckFailure"] as? String == "ALL_OLD", let old { answer["Item"] = old }
        return json(answer, status: 400)
      }
      switch operation {
      case "DeleteItem": tables.items[table]?[key] = nil
      case "PutItem": tables.items[table, default: [:]][key] = item
      case "UpdateItem":
        tables.items[table, default: [:]][key] = updated(old ?? item, body)
      case "GetItem": return json(old.map { ["Item": $0] } ?? [:])
      default: return refusal("UnknownOperationException")
      }
      return json([:])
    }
  }

  private func key(of item: Item) -> String? {
    if let email = item["email"]?["S"] as? String { return email }
    guard let partition = item["pk"]?["S"] as? String, let sort = item["sk"]?["S"] as? String else { return nil }
    return "\(partition)\u{0}\(sort)"
  }

  private func query(_ body: [String: Any], _ items: [String: Item]) -> HTTPResponse {
    let condition = body["KeyConditionExpression"] as? String ?? ""
    let found = items.sorted { $0.key < $1.key }.map(\.value).filter { holds(condition, of: $0, body) }
    return json(["Items": found, "Count": found.count])
  }

  /// Pages of 500 items.
  private func scan(_ body: [String: Any], _ items: [String: Item]) -> HTTPResponse {
    let names = (body["ProjectionExpression"] as? String ?? "").components(separatedBy: ", ").map {
      attribute($0, body)
    }
    let start = (body["ExclusiveStartKey"] as? Item).flatMap { key(of: $0) }
    let rest = items.sorted { $0.key < $1.key }.filter { start == nil || $0.key > start ?? "" }
    let page = rest.prefix(500)
    var answer: [String: Any] = [
      "Items": page.map { $0.value.filter { names.contains($0.key) } }, "Count": page.count,
    ]
    if page.count < rest.count, let last = page.last {
      answer["LastEvaluatedKey"] = last.value.filter { $0.key == "email" }
    }
    return json(answer)
  }

  /// Evaluates comparisons joined by AND, and such terms joined by OR. Knows no parentheses.
  private func holds(_ condition: String, of item: Item?, _ body: [String: Any]) -> Bool {
    condition.components(separatedBy: " OR ").contains { term in
      term.components(separatedBy: " AND ").allSatisfy { comparison in
        if comparison.hasPrefix("attribute_not_exists(") {
          return item?[attribute(String(comparison.dropFirst(21).dropLast()), body)] == nil
        }
        let words = comparison.split(separator: " ").map(String.init)
        guard words.count == 3, let left = item?[attribute(words[0], body)],
          let right = (body["ExpressionAttributeValues"] as? Item)?[words[2]]
        else { return false }
        if let left = left["N"] as? String, let right = right["N"] as? String {
          let (left, right) = (Double(left) ?? 0, Double(right) ?? 0)
          return words[1] == "<=" ? left <= right : words[1] == "<" ? left < right : left == right
        }
        guard let left = left["S"] as? String, let right = right["S"] as? String else { return false }
        return words[1] == "<=" ? left <= right : left == right
      }
    }
  }

  /// `SET a = :a, b = :b REMOVE c, d`.
  private func updated(_ item: Item, _ body: [String: Any]) -> Item {
    var item = item
    let clauses = (body["UpdateExpression"] as? String ?? "").components(separatedBy: " REMOVE ")
    for name in clauses.count > 1 ? clauses[1].components(separatedBy: ", ") : [] { item[attribute(name, body)] = nil }
    for assignment in clauses[0].dropFirst("SET ".count).components(separatedBy: ", ") {
      let words = assignment.components(separatedBy: " = ")
      if words.count == 2 {
        item[attribute(words[0], body)] = (body["ExpressionAttributeValues"] as? Item)?[words[1]]
      }
    }
    return item
  }

  private func attribute(_ name: String, _ body: [String: Any]) -> String {
    (body["ExpressionAttributeNames"] as? [String: String])?[name] ?? name
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
