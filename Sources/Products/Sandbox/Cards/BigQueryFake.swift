import Concurrency
import CryptoExtras
import Foundation
import HTTPClient
import Time

/// A fake of BigQuery and of Google's token exchange, which checks the signature. It runs the queries on the world's tables.
final class BigQueryFake: Sendable {
  static let project = "sandbox-project"
  private static let email = "sandbox@sandbox-project.iam.example"
  private static let audience = "https://oauth2.googleapis.com/token"
  private static let token = "sandbox-bigquery-token"

  /// Made anew in each process: a key that is committed is no key.
  private static let key = try? _RSA.Signing.PrivateKey(keySize: .bits2048)

  /// A service account's JSON.
  static let credentials: String = {
    let account: [String: Any] = [
      "type": "service_account", "project_id": project, "private_key_id": "sandbox-1",
      "private_key": key?.pemRepresentation ?? "", "client_email": email, "token_uri": audience,
    ]
    let data = try? JSONSerialization.data(withJSONObject: account, options: [.sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data ?? Data(), as: UTF8.self)
  }()

  private let time: TimeSource
  private let jobs = Lock<[String: FakeSQL.Result]>([:])

  init(time: TimeSource) { self.time = time }

  private static func error(_ status: Int, _ reason: String, _ message: String) -> HTTPResponse {
    SandboxJSON.response(
      [
        "error": [
          "code": status, "message": message, "errors": [["reason": reason, "message": message, "domain": "global"]],
        ]
      ],
      status: status)
  }

  func respond(_ request: HTTPRequest, _ target: SandboxTarget, _ world: CardWorld) -> HTTPResponse {
    let segments = target.segments
    if request.method == .post, segments == ["token"] { return exchange(request) }
    guard request.headers["Authorization"] == "Bearer \(Self.token)" else {
      return Self.error(401, "authError", "Invalid Credentials")
    }
    guard segments.starts(with: ["bigquery", "v2", "projects", Self.project, "queries"]) else {
      return Self.error(404, "notFound", "Not found: Project")
    }
    if request.method == .get, segments.count == 6 {
      guard let result = jobs.withLock({ $0[segments[5]] }) else {
        return Self.error(404, "notFound", "Not found: Job")
      }
      return page(result, job: segments[5], from: target.query["pageToken"].flatMap { Int($0) } ?? 0)
    }
    let body = SandboxJSON.object(request.body)
    guard body["useLegacySql"] as? Bool == false, let sql = body["query"] as? String else {
      return Self.error(400, "invalid", "Legacy SQL is not offered")
    }
    var parameters: [String: String] = [:]
    for parameter in body["queryParameters"] as? [[String: Any]] ?? [] {
      let value = (parameter["parameterValue"] as? [String: Any])?["value"] as? String
      if let name = parameter["name"] as? String { parameters[name] = value }
    }
    do {
      let result = try FakeSQL.run(sql, on: world.tables, parameters)
      let job = "job_\(jobs.withLock { $0.count })"
      jobs.withLock { $0[job] = result }
      // As a query that takes longer than the call waits.
      guard sql.contains("capacity_by") || sql.contains("GROUP BY") else { return page(result, job: job, from: 0) }
      return SandboxJSON.response([
        "jobComplete": false, "jobReference": ["projectId": Self.project, "jobId": job, "location": "EU"],
      ])
    } catch FakeSQL.Failure.missingTable(let name) {
      return Self.error(404, "notFound", "Not found: Table \(Self.project):\(name) was not found in location EU")
    } catch {
      return Self.error(400, "invalidQuery", "Syntax error: \(error) at [1:1]")
    }
  }

  private func page(_ result: FakeSQL.Result, job: String, from start: Int) -> HTTPResponse {
    let size = 3
    var answer: [String: Any] = [
      "kind": "bigquery#queryResponse", "jobComplete": true, "totalRows": "\(result.rows.count)",
      "jobReference": ["projectId": Self.project, "jobId": job, "location": "EU"],
      "schema": ["fields": result.columns.map { ["name": $0, "type": "STRING"] }],
      "rows": result.rows.dropFirst(start).prefix(size).map { row in
        ["f": row.map { ["v": $0.map { $0 as Any } ?? NSNull()] }]
      },
    ]
    if start + size < result.rows.count { answer["pageToken"] = "\(start + size)" }
    return SandboxJSON.response(answer)
  }

  private func exchange(_ request: HTTPRequest) -> HTTPResponse {
    let form = SandboxTarget.form(String(decoding: request.body ?? [], as: UTF8.self))
    func refused(_ why: String) -> HTTPResponse {
      SandboxJSON.response(["error": "invalid_grant", "error_description": why], status: 400)
    }
    let parts = (form["assertion"] ?? "").split(separator: ".").map(String.init)
    guard form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer", parts.count == 3,
      let header = Self.decoded(parts[0]), let claims = Self.decoded(parts[1]), let signature = Self.decoded(parts[2]),
      let key = Self.key
    else { return refused("no assertion") }
    let isValid = key.publicKey.isValidSignature(
      _RSA.Signing.RSASignature(rawRepresentation: signature), for: Data("\(parts[0]).\(parts[1])".utf8),
      padding: .insecurePKCS1v1_5)
    let head = SandboxJSON.object(Array(header))
    let claim = SandboxJSON.object(Array(claims))
    let now = Int(time.now.seconds)
    guard isValid, head["alg"] as? String == "RS256", claim["iss"] as? String == Self.email,
      claim["aud"] as? String == Self.audience, let issued = claim["iat"] as? Int, let expires = claim["exp"] as? Int,
      abs(issued - now) < 300, expires > now, expires - issued <= 3600, (claim["scope"] as? String)?.isEmpty == false
    else { return refused("Invalid JWT Signature.") }
    return SandboxJSON.response(["access_token": Self.token, "expires_in": 3599, "token_type": "Bearer"])
  }

  private static func decoded(_ text: String) -> Data? {
    let base = text.replacing("-", with: "+").replacing("_", with: "/")
    return Data(base64Encoded: base + String(repeating: "=", count: (4 - base.count % 4) % 4))
  }
}
