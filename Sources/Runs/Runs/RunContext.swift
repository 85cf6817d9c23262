import AWSClient
import ConfigurationReading
import Connectors
import Logging
import Time

/// What a run works with, whichever job and step it is.
public struct RunContext<Setup: Sendable>: Sendable {
  public let runID: String
  public let environment: Environment
  /// What the job's configuration says.
  public var setup: Setup
  public let operations: Operations
  public let sessions: VendorSessions
  public let deadlines: RunDeadlines
  public let time: TimeSource
  public let log: Logger

  public var now: Timestamp { time.now }

  /// The same without what one job knows.
  var withoutSetup: RunContext<Void> {
    RunContext<Void>(
      runID: runID, environment: environment, setup: (), operations: operations, sessions: sessions,
      deadlines: deadlines, time: time, log: log)
  }

  var watchers: Watchers {
    Watchers(
      operations: operations, transport: sessions.transport, time: time, deadline: deadlines.closing, log: log)
  }

  /// The folder that a run leaves its files in.
  public var folder: ResultStore { .folder(environment.outputDirectory) }

  /// The reports bucket; nil where none is set.
  ///
  /// - Parameter prefix: Goes before every name; empty, or with `/` at its end.
  /// - Throws: ``JobError`` where a bucket is set and there are no credentials to sign for it.
  public func bucket(prefix: String) throws -> ResultStore? {
    guard let name = operations.reportsBucket else { return nil }
    guard let settings = operations.aws else {
      throw JobError(.invalidConfiguration, "REPORTS_BUCKET is set, but there are no AWS credentials to write to it")
    }
    return .bucket(
      S3Bucket(name, settings: settings, transport: sessions.transport, time: time, deadline: deadlines.closing),
      prefix: prefix)
  }
}
