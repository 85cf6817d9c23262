import Concurrency
import Connectors
import HTTPClient
import HealthSources
import Time

/// Tries every credential without reading customers' data.
public struct CredentialCheck: Sendable {
  /// The result for one source. It is inactive if it has no credentials.
  public enum Outcome: Sendable, Equatable {
    case accepted, inactive
    /// Why, and what to do.
    case refused(String)
  }

  private let sources: SourceSet

  public init(_ setup: HealthScoreSetup, transport: any HTTPTransport) {
    sources = SourceSet(setup: setup, connection: SourceConnection(sessions: VendorSessions(transport: transport)))
  }

  /// One outcome for each source, in the order of `SourceID`.
  public func run() async -> [(SourceID, Outcome)] {
    let epoch = Timestamp(milliseconds: 0)
    // Without accounts, planning does little more than log in.
    let extraction = Extraction(period: Period(containing: epoch), asOf: epoch, isCurrent: true, accounts: [])
    var checked: [SourceID: Outcome] = [:]
    await concurrently(sources.active(for: extraction)) { active in
      try await active.source.checkAccess()
    } each: { active, result in
      switch result {
      case .success: checked[active.source.id] = .accepted
      case .failure(let error): checked[active.source.id] = .refused(active.source.id.message(for: error))
      }
    }
    return SourceRegistry.ids.map { ($0, checked[$0] ?? .inactive) }
  }
}
