import Concurrency
import Foundation
import HTTPClient

/// Counts the requests to each vendor, and how many of them had to wait for another one. The longest such chain gives
/// the least time that a run can take.
final class SandboxUsage: Sendable {
  private struct Service {
    var requests = 0
    /// Number of pages by call, then by query without its cursor.
    var chains: [String: [String: Int]] = [:]
  }

  private let services = Lock<[String: Service]>([:])

  func note(_ request: HTTPRequest, _ service: String, _ target: SandboxTarget) {
    var body = SandboxJSON.object(request.body)
    for cursor in ["pagination", "nextPageToken"] { body[cursor] = nil }
    var query = target.query
    for cursor in ["page", "starting_after"] { query[cursor] = nil }
    var segments = target.segments
    // Calls that differ only in an id count as one call. A cursor of Salesforce is the query's id, then the position.
    var chain = query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
    if let last = segments.last, last.hasPrefix("01g") {
      chain = String(last.prefix { $0 != "-" })
      segments[segments.count - 1] = "{page}"
    } else if service == "looker", target.path.hasSuffix("/run/json") {
      // Looks and queries run in parallel.
      chain = target.path + chain
      segments = ["run"]
    } else if segments.first == "companies", segments.count > 1, segments[1] != "list" {
      chain = segments[1]
      segments[1] = "{id}"
    } else if segments.count == 2, ["contacts", "conversations"].contains(segments[0]), segments[1] != "search" {
      chain = segments[1]
      segments[1] = "{id}"
    } else if segments.last == "describe" || segments.last == "components" {
      chain = segments[segments.count - 2]
      segments[segments.count - 2] = "{name}"
    }
    if let data = try? JSONSerialization.data(withJSONObject: body, options: .sortedKeys), !body.isEmpty {
      chain += String(decoding: data, as: UTF8.self)
    }
    let call = "\(request.method.rawValue) /\(segments.joined(separator: "/"))"
    services.withLock { [chain] in
      $0[service, default: Service()].requests += 1
      $0[service]?.chains[call, default: [:]][chain, default: 0] += 1
    }
  }

  /// By service: `requests`, and `chain`, the longest chain of requests in which each needs the one before.
  ///
  /// Calls of different kinds follow each other, and so do the pages of a query. If conversations are searched several
  /// times, the first search plans the others and adds one.
  var report: [String: [String: Int]] {
    services.withLock { services in
      services.mapValues { service in
        let chain = service.chains.values.reduce(0) { sum, queries in sum + (queries.values.max() ?? 0) }
        let searches = service.chains.first { $0.key.hasSuffix("/conversations/search") }?.value.count ?? 0
        return ["requests": service.requests, "chain": chain + (searches > 1 ? 1 : 0)]
      }
    }
  }

  func reset() { services.withLock { $0 = [:] } }
}
