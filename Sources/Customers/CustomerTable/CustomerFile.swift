import AWSClient
import CustomerModel
import Formats
import FoundationEssentials
import Runs

/// The customers in a file with one item a line, as DynamoDB would store it. It is replaced as a whole or not at all.
public struct CustomerFile: CustomerTable {
  public static let name = "unified_customers.jsonl"

  private let path: String

  /// - Parameter folder: `OUTPUT_DIR`.
  public init(folder: String) { path = "\(folder)/\(Self.name)" }

  /// - Throws: `JSONBodyError` for a file that is not the expected JSON; nothing is then replaced.
  public func rows() async throws -> [String: Customer] {
    try items().compactMapValues { Customer(item: $0) }.filter { $0.value[.lastSync] != nil }
  }

  public func write(_ rows: [Customer]) async -> WrittenRows {
    var result = WrittenRows()
    guard !rows.isEmpty else { return result }
    do {
      var items = try items()
      for row in rows {
        var item = items[row.email] ?? [:]
        if let stored = item[CustomerField.lastSync.rawValue]?.text, stored > row.text(.lastSync) ?? "" {
          result.outdated.insert(row.email)
          continue
        }
        for field in CustomerField.allCases { item[field.rawValue] = row[field].map { AttributeValue($0) } }
        items[row.email] = item
      }
      let file = try AtomicFile(path: path)
      for (_, item) in items.sorted(by: { $0.key < $1.key }) { try file.append(try JSONBody.encode(item) + [10]) }
      try file.commit()
    } catch {
      result = WrittenRows()
      result.failed = Set(rows.map(\.email))
      result.errors.insert("\(error)")
    }
    return result
  }

  private func items() throws -> [String: DynamoDBItem] {
    guard let bytes = try FileContents.read(path) else { return [:] }
    var items: [String: DynamoDBItem] = [:]
    for (number, line) in bytes.split(separator: 10).enumerated() {
      do {
        let item = try JSONBody.decode(DynamoDBItem.self, from: Array(line))
        if let email = item[CustomerField.email.rawValue]?.text { items[email] = item }
      } catch let error as JSONBodyError {
        throw JSONBodyError(description: "\(path), line \(number + 1): \(error); mend or remove the file")
      }
    }
    return items
  }
}

enum FileContents {
  /// Nil where there is no such file.
  ///
  /// - Throws: `JSONBodyError` where there is one that can't be read.
  static func read(_ path: String) throws -> [UInt8]? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = try? Data(contentsOf: URL(filePath: path)) else {
      throw JSONBodyError(description: "\(path) can't be read; check its permissions")
    }
    return Array(data)
  }
}
