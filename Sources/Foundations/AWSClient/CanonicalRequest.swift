import Formats
import HTTPClient

/// A request in the one form that both sides hash.
struct CanonicalRequest: Sendable {
  let text: String
  /// Names of the headers that are part of it, `;` between them.
  let signedHeaders: String

  /// Set or changed on the way by proxies and clients, so never signed.
  private static let unsigned: Set<String> = [
    "authorization", "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id",
  ]

  /// - Parameter keepsPath: The path is taken as sent: neither normalised nor encoded again.
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
    // S3's header has the hash that the server is told, which may be "not hashed".
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

  /// RFC 3986's dot segments and empty segments removed, every other one encoded, on top of its own encoding.
  private static func normalizedPath(_ path: Substring) -> String {
    var segments: [Substring] = []
    for segment in path.split(separator: "/") where segment != "." {
      if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
    }
    let isFolder = path.hasSuffix("/") || path.hasSuffix("/.") || path.hasSuffix("/..")
    let joined = segments.map { String($0).percentEncoded() }.joined(separator: "/")
    return "/" + joined + (isFolder && !segments.isEmpty ? "/" : "")
  }

  /// Names and values encoded in one way, sorted by name and then by value.
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

  /// Without blanks at the ends, and with single ones inside; other white space is a value's own.
  private static func collapsed(_ value: String) -> String {
    value.split { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r\n" }.joined(separator: " ")
  }
}
