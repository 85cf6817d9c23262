/// An HTTP method as sent.
public enum HTTPMethod: String, Sendable {
  case get = "GET"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
}

/// Header fields in the order of sending. Names are compared without regard to case.
///
/// Not swift-http-types: with it, the Runtime API loop took 9 % more CPU, the function's zip was 100 KB larger, and a line
/// break in a value became a space, where it is an error here.
public struct HTTPFields: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  /// One header line.
  public struct Field: Sendable, Equatable {
    public var name: String
    public var value: String
  }

  /// In the order of sending; a name may occur more than once.
  public private(set) var fields: [Field] = []

  public init() {}

  public init(dictionaryLiteral elements: (String, String)...) {
    fields = elements.map { Field(name: $0.0, value: $0.1) }
  }

  /// The value of the first field of that name; nil if there is none. Setting replaces all fields of the name, and nil
  /// removes them.
  public subscript(name: String) -> String? {
    get { fields.first { HTTPFields.isSame($0.name, name) }?.value }
    set {
      fields.removeAll { HTTPFields.isSame($0.name, name) }
      if let newValue { fields.append(Field(name: name, value: newValue)) }
    }
  }

  /// Adds a field and keeps earlier ones of the same name.
  public mutating func append(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

  private static func isSame(_ left: String, _ right: String) -> Bool {
    guard left.utf8.count == right.utf8.count else { return false }
    // Fast path: most names have the same case as the one asked for.
    return left == right || zip(left.utf8, right.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
  }
}

/// A request with everything a transport needs; sending it twice sends the same bytes.
public struct HTTPRequest: Sendable {
  public var method: HTTPMethod
  /// Absolute, percent-encoded, `http` or `https`.
  public var url: String
  /// Without those that the transport adds, such as `Host` and `Content-Length`.
  public var headers: HTTPFields
  /// Nil sends no body with GET and DELETE, and an empty one with the other methods.
  public var body: [UInt8]?
  /// From connecting to the last byte of the answer. Nil sets no limit; only the Lambda poll uses that.
  public var timeout: Duration?
  /// For DNS, TCP and TLS together; part of `timeout`.
  public var connectTimeout: Duration
  /// A longer body, counted after decompression, fails the request with `tooLarge`.
  public var maximumResponseBytes: Int
  /// Shown in messages instead of the path, for paths that contain ids; nil shows the path.
  public var label: String?

  public init(
    _ method: HTTPMethod, _ url: String, headers: HTTPFields = [:], body: [UInt8]? = nil,
    timeout: Duration? = .seconds(60), connectTimeout: Duration = .seconds(10),
    maximumResponseBytes: Int = 16 << 20
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.connectTimeout = connectTimeout
    self.maximumResponseBytes = maximumResponseBytes
  }
}

extension HTTPRequest: CustomStringConvertible {
  /// Method and path only: queries, headers and bodies may contain secrets and personal data.
  public var description: String {
    if let label { return "\(method.rawValue) \(label)" }
    let path = url.split(separator: "/", maxSplits: 2).dropFirst(2).first ?? ""
    return "\(method.rawValue) /\(path.prefix { $0 != "?" })"
  }
}

/// A server's answer; error statuses are answers too.
public struct HTTPResponse: Sendable {
  /// Redirects are not followed and appear as 3xx.
  public var status: Int
  public var headers: HTTPFields
  /// After decompression; empty where there is none.
  public var body: [UInt8]

  public init(status: Int, headers: HTTPFields = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Whether the status is 200…299.
  public var isSuccess: Bool { (200..<300).contains(status) }
}
