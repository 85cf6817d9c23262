/// An error that the org answered to a request.
public struct SalesforceRefusal: Error, Sendable, CustomStringConvertible {
  /// HTTP status.
  public let status: Int
  /// Salesforce's error code, such as `INVALID_FIELD`; nil where there is none.
  public let code: String?
  /// Method and path, for messages.
  public let request: String
  /// Our own names that the error's message contains.
  public internal(set) var names: [String] = []
  /// Whether the org's requests for the day are used up.
  public internal(set) var isDaily = false

  /// Whether there are too many requests or long transactions at the same time, of all users together. The limit for a
  /// day has the same code, but its message has `TotalRequests`.
  public var isTooManyAtOnce: Bool { code == "REQUEST_LIMIT_EXCEEDED" && !isDaily }

  /// Whether the error is temporary, so that a query may be repeated.
  public var isPassingForReaders: Bool {
    ["QUERY_TIMEOUT", "UNABLE_TO_LOCK_ROW", "REQUEST_RUNNING_TOO_LONG", "SERVER_UNAVAILABLE"].contains(code)
  }

  /// Whether the error may be about `convertCurrency(…)` around a column.
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
