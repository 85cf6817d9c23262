import Formats
import Foundation
import HTTPClient

/// JSON as vendors write it. It does not use the product's own wire types: a key misspelt there would go unnoticed.
enum SandboxJSON {
  static func response(_ value: Any, status: Int = 200, headers: HTTPFields = [:]) -> HTTPResponse {
    let data =
      (try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])) ?? Data()
    return response(bytes: Array(data), status: status, headers: headers)
  }

  static func response(bytes: [UInt8], status: Int = 200, headers: HTTPFields = [:]) -> HTTPResponse {
    var headers = headers
    headers["Content-Type"] = "application/json; charset=utf-8"
    return HTTPResponse(status: status, headers: headers, body: bytes)
  }

  /// For pages with many rows, where `JSONSerialization` is too slow for a large world.
  static func written(status: Int = 200, _ body: (inout JSONWriter) -> Void) -> HTTPResponse {
    var writer = JSONWriter()
    body(&writer)
    return response(bytes: writer.bytes, status: status)
  }

  static func object(_ body: [UInt8]?) -> [String: Any] {
    (try? JSONSerialization.jsonObject(with: Data(body ?? []))) as? [String: Any] ?? [:]
  }
}

/// The decoded path and query of a request's URL.
struct SandboxTarget {
  let path: String
  let query: [String: String]

  init(_ url: String) {
    let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = parts[0].removingPercentEncoding ?? String(parts[0])
    query = parts.count > 1 ? SandboxTarget.form(String(parts[1])) : [:]
  }

  /// `name=value&…`, decoded.
  static func form(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? parts[1].replacing("+", with: " ") : ""
      values[parts[0].removingPercentEncoding ?? ""] = value.removingPercentEncoding ?? ""
    }
    return values
  }

  var segments: [String] { path.split(separator: "/").map(String.init) }
}
