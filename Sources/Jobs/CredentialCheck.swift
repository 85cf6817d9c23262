import HTTPClient
import HealthConfiguration
import HealthModel
import Intercom
import Jira
import Logging
import Looker
import Salesforce

/// Tries every credential without reading customers' data.
public struct CredentialCheck: Sendable {
  public enum Outcome: Sendable, Equatable {
    case accepted, inactive
    /// Why, and what to do.
    case refused(String)
  }

  private let sources: SourceSet

  public init(credentials: Credentials, options: SourceOptions, transport: any HTTPTransport) {
    sources = SourceSet(
      credentials: credentials, options: options, sessions: VendorSessions(transport: transport), time: .system,
      deadline: nil)
  }

  /// One outcome for each source, in their order.
  public func run() async -> [(SourceID, Outcome)] {
    let epoch = Timestamp(milliseconds: 0)
    // No accounts: planning then does little more than log in.
    let extraction = Extraction(period: Period(containing: epoch), asOf: epoch, isCurrent: true, accounts: [])
    let outcomes = await sources.extract(
      extraction, with: Extractor(log: .init(label: "check") { _ in SwiftLogNoOpLogHandler() }))
    return SourceID.allCases.map { id in
      guard let report = outcomes[id]?.report, report.status != .inactive else { return (id, .inactive) }
      return (id, report.error.map { .refused($0) } ?? .accepted)
    }
  }
}
