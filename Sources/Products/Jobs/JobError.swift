import Formats
import HTTPClient
import HealthModel

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
    /// Another live run has the month.
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

/// One line about any error that extraction meets; nothing of a body, a token or a person.
func describe(_ error: any Error, at source: SourceID) -> String {
  switch error {
  case let error as SourceError: error.message
  case let error as RequestFailure: "\(source.title): \(error)"
  case let error as JSONBodyError: "\(source.title) gave an unexpected answer: \(error)"
  case is CancellationError: "\(source.title) was not read to the end: the run was cancelled"
  case let error as any CustomStringConvertible: "\(error)"
  default: "\(source.title) failed (\(type(of: error)))"
  }
}
