import ConfigurationReading
import Connectors
import HTTPClient

extension SourceID {
  public static let jira = SourceID("jira", title: "Jira")
}

/// `sources.yaml`, `jira`: what its client is told.
public struct JiraOptions: Sendable, Equatable {
  /// `rate_limit`.
  public var rateLimit: RateLimit

  public init(rateLimit: RateLimit) { self.rateLimit = rateLimit }

  /// - Parameter section: Of `sources.yaml`; jobs read keys of their own from it too.
  public init(section: ConfigurationSection) {
    self.init(rateLimit: section.required("rate_limit").section(RateLimit.init(section:)))
  }
}
