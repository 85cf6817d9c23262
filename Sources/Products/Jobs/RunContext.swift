import AWSClient
import HealthConfiguration
import Logging
import Snapshots
import Time

/// What a run works with, whichever step of it.
struct RunContext: Sendable {
  let runID: String
  let environment: Environment
  let configuration: JobConfiguration
  let sessions: VendorSessions
  let deadlines: RunDeadlines
  let time: TimeSource
  let log: Logger

  var now: Timestamp { time.now }

  /// - Parameter shares: Into how many parts the vendors' limits are shared out.
  func sources(shares: Int = 1) -> SourceSet {
    SourceSet(
      credentials: configuration.credentials, options: configuration.configuration.sources, sessions: sessions,
      time: time, deadline: deadlines.extraction, shares: shares)
  }

  var watchers: Watchers {
    Watchers(
      operations: configuration.operations, transport: sessions.transport, time: time, deadline: deadlines.closing,
      log: log)
  }

  /// Nil where no bucket is set.
  ///
  /// - Throws: ``JobError`` where there is a bucket and nobody to sign for it.
  func bucket(prefix: String) throws -> ResultStore? {
    guard let name = configuration.operations.reportsBucket else { return nil }
    guard let settings = configuration.operations.aws else {
      throw JobError(.invalidConfiguration, "REPORTS_BUCKET is set, but there are no AWS credentials to write to it")
    }
    return .bucket(
      S3Bucket(name, settings: settings, transport: sessions.transport, time: time, deadline: deadlines.closing),
      prefix: prefix)
  }
}
