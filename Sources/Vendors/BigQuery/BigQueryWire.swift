import Formats

/// A query that was started, and where.
struct BigQueryJob: Decodable {
  let id: String
  let location: String?

  private enum CodingKeys: String, CodingKey {
    case id = "jobId"
    case location
  }
}

struct QueryAnswer: Decodable {
  struct Schema: Decodable {
    struct Field: Decodable { let name: String }

    let fields: [Field]
  }

  struct Row: Decodable {
    struct Cell: Decodable {
      /// As text; nil for NULL, and for what is no single value.
      let value: String?

      private enum CodingKeys: String, CodingKey { case value = "v" }

      init(from decoder: any Decoder) throws {
        value = try decoder.container(keyedBy: CodingKeys.self).lenient(String.self, .value)
      }
    }

    let cells: [Cell]

    private enum CodingKeys: String, CodingKey { case cells = "f" }
  }

  let jobComplete: Bool
  let job: BigQueryJob?
  let schema: Schema?
  let rows: [Row]?
  let pageToken: String?

  private enum CodingKeys: String, CodingKey {
    case jobComplete, schema, rows, pageToken
    case job = "jobReference"
  }
}

/// The result of a query: names of columns, and rows with a text or NULL for each.
public struct BigQueryTable: Sendable, Equatable {
  public var columns: [String] = []
  public var rows: [[String?]] = []
}

struct TokenAnswer: Decodable {
  let token: String
  /// Seconds.
  let expiresIn: Double

  private enum CodingKeys: String, CodingKey {
    case token = "access_token"
    case expiresIn = "expires_in"
  }
}

struct GoogleFailure: Decodable {
  struct Body: Decodable {
    struct Entry: Decodable { let reason: String? }

    let message: String?
    let errors: [Entry]?
  }

  let error: Body

  var reason: String? { error.errors?.first?.reason }

  /// The name of a table or dataset that is not there; nil where the failure is another.
  var missingName: String? {
    guard reason == "notFound", let message = error.message,
      let start = message.firstRange(of: "Not found: ")?.upperBound
    else { return nil }
    let words = message[start...].split(separator: " ", maxSplits: 2)
    guard words.count > 1, words[0] == "Table" || words[0] == "Dataset" else { return nil }
    let name = words[1].prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.:*$".contains($0)) }
    return name.isEmpty ? nil : String(name)
  }

  /// `line:column` in the query, where the failure says it.
  var place: String? {
    guard let message = error.message, let open = message.firstRange(of: "at [")?.upperBound else { return nil }
    let place = message[open...].prefix { $0 != "]" }
    return place.allSatisfy { $0.isNumber || $0 == ":" } && place.count < 16 ? String(place) : nil
  }
}
