/// One event to answer.
public struct Invocation: Sendable {
  /// Lambda's id of the event; the answer must name it.
  public var requestID: String
  /// When Lambda ends the invocation, since 1970; nil where the header is missing or unreadable.
  public var deadline: Duration?
  /// For X-Ray; also in `_X_AMZN_TRACE_ID` while the handler runs.
  public var traceID: String?
  /// The event's JSON as received.
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

/// The error that an invocation's caller gets instead of an answer.
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
