/// One event to answer.
public struct Invocation: Sendable {
  public var requestID: String
  /// Since 1970, when Lambda ends the invocation; nil where the header is missing or unreadable.
  public var deadline: Duration?
  /// For X-Ray; also in `_X_AMZN_TRACE_ID` while the handler runs.
  public var traceID: String?
  public var event: [UInt8]

  public init(
    requestID: String, deadline: Duration? = nil, traceID: String? = nil, event: [UInt8]
  ) {
    self.requestID = requestID
    self.deadline = deadline
    self.traceID = traceID
    self.event = event
  }
}

/// What an invocation's caller is told instead of an answer.
public struct FunctionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// `Function.Xxx`; Lambda records anything that does not match `(Runtime|Function)\.[A-Z][a-zA-Z]+` as unknown.
  public var type: String
  /// One line: the place, what is wrong, what to do. No secret and no personal data.
  public var message: String

  public init(type: String, message: String) {
    self.type = type
    self.message = message
  }

  public var description: String { "\(type): \(message)" }
}
