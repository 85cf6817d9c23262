import Formats
import HTTPClient

extension SourceID {
  /// One line about any error that reading the source meets; nothing of a body, a token or a person.
  public func message(for error: any Error) -> String {
    switch error {
    case let error as SourceError: error.message
    case let error as RequestFailure: "\(title): \(error)"
    case let error as JSONBodyError: "\(title) gave an unexpected answer: \(error)"
    case is CancellationError: "\(title) was not read to the end: the run was cancelled"
    case let error as any CustomStringConvertible: "\(error)"
    default: "\(title) failed (\(type(of: error)))"
    }
  }
}
