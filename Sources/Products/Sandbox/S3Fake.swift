import Concurrency
import Foundation
import HTTPClient

/// A fake of S3 with the paths `/{bucket}/{key}`. The first write creates a bucket.
final class S3Fake: Sendable {
  private let buckets = Lock([String: [UInt8]]())

  /// `bucket/key` of every object, in order.
  var paths: [String] { buckets.withLock { $0.keys.sorted() } }

  func object(_ path: String) -> [UInt8]? { buckets.withLock { $0[path] } }

  func respond(_ request: HTTPRequest, _ target: SandboxTarget) -> HTTPResponse {
    guard request.headers["Authorization"]?.hasPrefix("AWS4-HMAC-SHA256 Credential=") ?? false else {
      return error("AccessDenied", status: 403)
    }
    let path = String(target.path.dropFirst())
    switch request.method {
    case .put:
      buckets.withLock { $0[path] = request.body ?? [] }
      return HTTPResponse(status: 200, headers: ["ETag": "\"sandbox\""])
    case .get where target.query["list-type"] == "2":
      let prefix = path.trimmingCharacters(in: ["/"]) + "/"
      let wanted = prefix + (target.query["prefix"] ?? "")
      let keys = paths.filter { $0.hasPrefix(wanted) }.map { $0.dropFirst(prefix.count) }
      let contents = keys.map { "<Contents><Key>\(String($0).percentEncoded(keeping: "/"))</Key></Contents>" }.joined()
      let xml = "<ListBucketResult><IsTruncated>false</IsTruncated>\(contents)</ListBucketResult>"
      return HTTPResponse(status: 200, headers: ["Content-Type": "application/xml"], body: Array(xml.utf8))
    case .get:
      guard let bytes = object(path) else { return error("NoSuchKey", status: 404) }
      return HTTPResponse(status: 200, body: bytes)
    default: return error("MethodNotAllowed", status: 405)
    }
  }

  private func error(_ code: String, status: Int) -> HTTPResponse {
    let xml =
      #"<?xml version="1.0" encoding="UTF-8"?><Error><Code>\#(code)</Code><RequestId>SANDBOX</RequestId></Error>"#
    return HTTPResponse(status: status, headers: ["Content-Type": "application/xml"], body: Array(xml.utf8))
  }
}
