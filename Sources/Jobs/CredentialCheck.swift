import HTTPClient
import HealthConfiguration
import HealthModel
import Intercom
import Jira
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
    let checked = await withTaskGroup(of: (SourceID, Outcome).self) { group in
      for (source, _) in sources.active(for: extraction) {
        group.addTask {
          do {
            try await source.checkAccess()
            return (source.id, .accepted)
          } catch {
            return (source.id, .refused(describe(error, at: source.id)))
          }
        }
      }
      return await group.reduce(into: [SourceID: Outcome]()) { $0[$1.0] = $1.1 }
    }
    return SourceID.allCases.map { ($0, checked[$0] ?? .inactive) }
  }
}
