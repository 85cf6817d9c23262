/// The org's "no" to a request.
public struct SalesforceRefusal: Error, Sendable, CustomStringConvertible {
  public let status: Int
  public let code: String?
  public let request: String
  /// Names of ours that it speaks of.
  public internal(set) var names: [String] = []
  /// Whether the day's requests are used up.
  public internal(set) var isDaily = false

  /// Requests or long transactions at the same time, of all users together; only `TotalRequests` is the day's limit.
  public var isTooManyAtOnce: Bool { code == "REQUEST_LIMIT_EXCEEDED" && !isDaily }

  /// What a query may be asked again after.
  public var isPassingForReaders: Bool {
    ["QUERY_TIMEOUT", "UNABLE_TO_LOCK_ROW", "REQUEST_RUNNING_TOO_LONG", "SERVER_UNAVAILABLE"].contains(code)
  }

  /// Whether a wrapped column may be what is refused.
  public var isAboutSelection: Bool { status == 400 && ["MALFORMED_QUERY", "INVALID_FIELD"].contains(code) }

  public var description: String {
    let reason = "HTTP \(status)\(code.map { " " + $0 } ?? "")"
    let fields = names.isEmpty ? "" : ": \(names.joined(separator: ", "))"
    switch code {
    case "REQUEST_LIMIT_EXCEEDED":
      return isDaily
        ? "Salesforce's API requests for today are used up (\(reason)); run again later"
        : "Salesforce has too many requests at the same time, of all users together (\(reason)); run again later"
    case "INVALID_FIELD" where !names.isEmpty:
      return
        "Salesforce can't query \(names.joined(separator: ", ")) (\(reason)), though it describes it; an encrypted field can't be filtered by"
    default:
      return status == 401
        ? "Salesforce refused the session again after a new login (\(reason))"
        : "Salesforce refused \(request) (\(reason)\(fields))"
    }
  }
}
