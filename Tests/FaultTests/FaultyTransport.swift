import Concurrency
import HTTPClient
import HealthModel
import HealthSources

/// Applies a fault to the answers of a vendor's data requests.
final class FaultyTransport: HTTPTransport {
  private let inner: any HTTPTransport
  private let fault = Lock<(row: Fault, vendor: Vendor)?>(nil)
  private let seen = Lock<[String: Int]>([:])
  private let log = Lock<[(url: String, wasHit: Bool)]>([])

  init(_ inner: any HTTPTransport) { self.inner = inner }

  func set(_ row: Fault?, at vendor: Vendor) {
    fault.withLock { $0 = row.map { ($0, vendor) } }
    seen.withLock { $0 = [:] }
    log.withLock { $0 = [] }
  }

  var hits: Int { log.withLock { $0.count { $0.wasHit } } }

  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard let (row, vendor) = fault.withLock({ $0 }), vendor.isData(request) else {
      return try await inner.send(request)
    }
    // The same request again is a retry.
    let key = request.url + request.text
    let attempt = seen.withLock { seen in
      seen[key, default: 0] += 1
      return seen[key] ?? 1
    }
    let isHit = attempt <= row.attempts
    log.withLock { $0.append((request.url, isHit)) }
    guard isHit else { return try await inner.send(request) }
    return try await row.apply(request) { try await self.inner.send(request) }
  }
}

enum Vendor: String, CaseIterable, Sendable {
  case intercom, jira, looker, salesforce

  var metrics: [Metric] { SourceRegistry.all.first { $0.id.name == rawValue }?.metrics ?? [] }

  /// Whether the request is for rows. Logins and the lists and descriptions that planning reads are not.
  func isData(_ request: HTTPRequest) -> Bool {
    guard request.url.contains("/\(rawValue)/") else { return false }
    switch self {
    case .intercom: return request.url.hasSuffix("/conversations/search")
    case .jira: return request.url.hasSuffix("/search/jql")
    case .looker: return request.url.contains("/run/json")
    case .salesforce: return request.url.contains("/query")
    }
  }
}
