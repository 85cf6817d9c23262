/// Why a run could do nothing. The caller gets this error instead of an answer.
public struct JobError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The raw value is the error type of Lambda's answer. The state machine decides by it whether to retry.
  public enum Kind: String, Sendable {
    case invalidEvent = "Function.InvalidEvent"
    case invalidConfiguration = "Function.InvalidConfiguration"
    case noCredentials = "Function.NoCredentials"
    case salesforceUnavailable = "Function.SalesforceUnavailable"
    /// No source could be read.
    case sourcesUnavailable = "Function.SourcesUnavailable"
    /// Another run writes the same.
    case alreadyRunning = "Function.AlreadyRunning"
    /// A slice could not be read; a retry may help.
    case sliceFailed = "Function.SliceFailed"
    /// A slice can't be read; a retry does not help.
    case sliceRefused = "Function.SliceRefused"
    /// The stored parts of a run can't be reached, or one is lost.
    case storageUnavailable = "Function.StorageUnavailable"
    case terminated = "Function.Terminated"
  }

  /// Its raw value is the error type that the caller sees.
  public var kind: Kind
  /// Names the place and what to do.
  public var message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { message }

  /// Whether the caller can fix it by changing the event or the configuration.
  public var isUsage: Bool { [.invalidEvent, .invalidConfiguration, .noCredentials].contains(kind) }
}
