/// An HTTP method as sent.
public enum HTTPMethod: String, Sendable {
  case get = "GET"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
}

/// Header fields in the order sent; names compare in any case.
public struct HTTPFields: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  public struct Field: Sendable, Equatable {
    public var name: String
    public var value: String
  }

  public private(set) var fields: [Field] = []

  public init() {}

  public init(dictionaryLiteral elements: (String, String)...) {
    fields = elements.map { Field(name: $0.0, value: $0.1) }
  }

  /// The first field of that name; setting replaces all of them, nil removes them.
  public subscript(name: String) -> String? {
    get { fields.first { HTTPFields.isSame($0.name, name) }?.value }
    set {
      fields.removeAll { HTTPFields.isSame($0.name, name) }
      if let newValue { fields.append(Field(name: name, value: newValue)) }
    }
  }

  public mutating func append(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

  private static func isSame(_ left: String, _ right: String) -> Bool {
    guard left.utf8.count == right.utf8.count else { return false }
    // Mostly as asked for; the loop over an event's headers is short this way.
    return left == right || zip(left.utf8, right.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
  }
}

/// A request with everything a transport needs; sending it twice sends the same bytes.
public struct HTTPRequest: Sendable {
  public var method: HTTPMethod
  /// Absolute, percent-encoded, `http` or `https`.
  public var url: String
  public var headers: HTTPFields
  public var body: [UInt8]?
  /// From connect to the last byte. Nil waits for ever, which only the Lambda poll does.
  public var timeout: Duration?
  public var connectTimeout: Duration
  /// A longer body, after decompression, fails the request.
  public var maximumResponseBytes: Int
  /// The path as messages name it, where it holds ids; nil for the path itself.
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
  /// Method and path only: queries, headers and bodies may hold secrets and people.
  public var description: String {
    if let label { return "\(method.rawValue) \(label)" }
    let path = url.split(separator: "/", maxSplits: 2).dropFirst(2).first ?? ""
    return "\(method.rawValue) /\(path.prefix { $0 != "?" })"
  }
}

public struct HTTPResponse: Sendable {
  public var status: Int
  public var headers: HTTPFields
  public var body: [UInt8]

  public init(status: Int, headers: HTTPFields = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  public var isSuccess: Bool { (200..<300).contains(status) }
}
