/// A run that could do nothing: what the caller is told instead of an answer.
public struct JobError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable {
    case invalidEvent = "Function.InvalidEvent"
    case invalidConfiguration = "Function.InvalidConfiguration"
    case noCredentials = "Function.NoCredentials"
    case salesforceUnavailable = "Function.SalesforceUnavailable"
    /// No source could be read.
    case sourcesUnavailable = "Function.SourcesUnavailable"
    case jobUnavailable = "Function.JobUnavailable"
    /// Another run writes the same.
    case alreadyRunning = "Function.AlreadyRunning"
    /// A slice could not be read; another try may help.
    case sliceFailed = "Function.SliceFailed"
    /// A slice can't be read, however often it is tried.
    case sliceRefused = "Function.SliceRefused"
    /// Where a run's parts are kept can't be reached.
    case storageUnavailable = "Function.StorageUnavailable"
    case terminated = "Function.Terminated"
  }

  public var kind: Kind
  /// Names the place and what to do.
  public var message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { message }

  /// Whether the caller can fix it by calling differently or configuring differently.
  public var isUsage: Bool { [.invalidEvent, .invalidConfiguration, .noCredentials].contains(kind) }
}
