import Formats
import HTTPClient

/// A request in the canonical form that client and server both hash.
struct CanonicalRequest: Sendable {
  let text: String
  /// Names of the signed headers, separated by `;`.
  let signedHeaders: String

  /// Headers that clients and proxies may set or change, so they are never signed.
  private static let unsigned: Set<String> = [
    "authorization", "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id",
  ]

  /// - Parameter keepsPath: Whether the path is used as sent, neither normalised nor encoded again.
  init(_ request: HTTPRequest, keepsPath: Bool) {
    let (host, path, query) = CanonicalRequest.split(request.url)
    var headers: [String: [String]] = [:]
    for field in request.headers.fields {
      let name = field.name.lowercased()
      if !Self.unsigned.contains(name) { headers[name, default: []].append(Self.collapsed(field.value)) }
    }
    if headers["host"] == nil { headers["host"] = [host] }
    let names = headers.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    signedHeaders = names.joined(separator: ";")
    let lines = names.map { "\($0):\((headers[$0] ?? []).joined(separator: ","))\n" }.joined()
    // For S3 the header's value counts. It may say that the body is not hashed.
    let hash = headers["x-amz-content-sha256"]?.first ?? ContentHash.sha256(request.body ?? [])
    text = [
      request.method.rawValue, keepsPath ? Self.keptPath(path) : Self.normalizedPath(path), Self.sorted(query), lines,
      signedHeaders, hash,
    ].joined(separator: "\n")
  }

  /// Host with port, path and query of an absolute URL.
  private static func split(_ url: String) -> (host: String, path: Substring, query: Substring) {
    let rest = url.split(separator: "://", maxSplits: 1).last ?? ""
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let target = rest[authority.endIndex...].prefix { $0 != "#" }
    let path = target.prefix { $0 != "?" }
    // A default port is not sent.
    let isPlain = url.hasPrefix("http://")
    let port = isPlain ? ":80" : ":443"
    let host = authority.hasSuffix(port) ? authority.dropLast(port.count) : authority
    return (String(host), path, target[path.endIndex...].dropFirst())
  }

  private static func keptPath(_ path: Substring) -> String {
    path.isEmpty ? "/" : String(path).percentEncoded(keeping: "/%")
  }

  /// Without dot segments (RFC 3986) and empty segments. The other, already encoded segments are encoded once more.
  private static func normalizedPath(_ path: Substring) -> String {
    var segments: [Substring] = []
    for segment in path.split(separator: "/") where segment != "." {
      if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
    }
    let isFolder = path.hasSuffix("/") || path.hasSuffix("/.") || path.hasSuffix("/..")
    let joined = segments.map { String($0).percentEncoded() }.joined(separator: "/")
    return "/" + joined + (isFolder && !segments.isEmpty ? "/" : "")
  }

  /// Names and values with uniform encoding, sorted by name and then by value.
  private static func sorted(_ query: Substring) -> String {
    let pairs = query.split(separator: "&").map { pair -> (name: String, value: String) in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (recoded(parts[0]), parts.count > 1 ? recoded(parts[1]) : "")
    }
    return pairs.sorted { ($0.name, $0.value) < ($1.name, $1.value) }.map { "\($0.name)=\($0.value)" }
      .joined(separator: "&")
  }

  private static func recoded(_ text: Substring) -> String {
    String(text).percentDecoded.percentEncoded()
  }

  /// Without white space at the ends, and with single spaces inside. Other kinds, such as no-break spaces, are kept.
  private static func collapsed(_ value: String) -> String {
    value.split { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r\n" }.joined(separator: " ")
  }
}
