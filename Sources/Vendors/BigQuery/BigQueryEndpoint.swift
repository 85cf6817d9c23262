import Formats
import HTTPClient
import Time

/// The BigQuery calls that this module makes, and Google's token exchange.
///
/// https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/query
enum BigQueryEndpoint {
  case token(Secret)
  /// `POST /projects/{project}/queries`.
  case query(String, days: [String: CalendarDate])
  /// `GET /projects/{project}/queries/{job}`: the result of a query that had not ended, or its next page.
  case results(BigQueryJob, pageToken: String?)

  func request(_ credentials: BigQueryCredentials, token: Secret?) throws -> HTTPRequest {
    var headers: HTTPFields = ["Accept": "application/json"]
    if let token { headers.append("Authorization", "Bearer \(token.text)") }
    let queries =
      "\(credentials.baseURL)/bigquery/v2/projects/\(credentials.project.percentEncoded(keeping: ":"))/queries"
    switch self {
    case .token(let assertion):
      headers.append("Content-Type", "application/x-www-form-urlencoded")
      let form = String.query([
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion.text,
      ])
      return HTTPRequest(.post, credentials.tokenURL, headers: headers, body: Array(form.utf8))
    case .query(let sql, let days):
      headers.append("Content-Type", "application/json")
      var request = HTTPRequest(
        .post, queries, headers: headers, body: try JSONBody.encode(QueryBody(sql, days: days)),
        timeout: .seconds(BigQueryOptions.patience + 30))
      request.label = "/bigquery/v2/projects/{project}/queries"
      return request
    case .results(let job, let pageToken):
      var query = String.query([
        "timeoutMs": "\(BigQueryOptions.patience * 1000)", "maxResults": "\(BigQueryOptions.pageSize)",
      ])
      if let location = job.location { query += "&" + .query(["location": location]) }
      if let pageToken { query += "&" + .query(["pageToken": pageToken]) }
      var request = HTTPRequest(
        .get, "\(queries)/\(job.id.percentEncoded())?\(query)", headers: headers,
        timeout: .seconds(BigQueryOptions.patience + 30))
      request.label = "/bigquery/v2/projects/{project}/queries/{job}"
      return request
    }
  }
}

private struct QueryBody: Encodable {
  struct Parameter: Encodable {
    struct Kind: Encodable { let type = "DATE" }

    struct Value: Encodable { let value: String }

    let name: String
    let parameterType = Kind()
    let parameterValue: Value
  }

  let query: String
  let useLegacySql = false
  let timeoutMs = BigQueryOptions.patience * 1000
  let maxResults = BigQueryOptions.pageSize
  let parameterMode: String?
  let queryParameters: [Parameter]?

  init(_ sql: String, days: [String: CalendarDate]) {
    query = sql
    // Only those that the query names.
    let used = days.filter { sql.contains("@\($0.key)") }.sorted { $0.key < $1.key }
    parameterMode = used.isEmpty ? nil : "NAMED"
    queryParameters =
      used.isEmpty ? nil : used.map { Parameter(name: $0.key, parameterValue: .init(value: "\($0.value)")) }
  }
}
