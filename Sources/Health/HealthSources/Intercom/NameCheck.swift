import Connectors
import HealthModel

/// Holds the configured names against those that the workspace has: one that matches nothing would count nothing.
struct NameCheck {
  let rules: IntercomRules

  /// How conversations begin, as documented; a workspace without some of them still has the word.
  private static let origins: Set<String> = [
    "customer_initiated", "campaigns_initiated", "operator_initiated", "automated", "admin_initiated",
  ]

  /// Metrics that no name of the workspace feeds, and what to do about them.
  func unconfigured(_ partial: IntercomPartial) -> (metrics: Set<Metric>, warnings: [String]) {
    var metrics: Set<Metric> = []
    var warnings: [String] = []
    func check(
      _ configured: Set<String>, _ inventory: NameInventory, standard: Set<String>, _ kind: String, _ key: String,
      _ fed: [Metric], orEmpty: String = ""
    ) {
      guard !configured.isEmpty, !inventory.matches(configured, standard: standard) else { return }
      metrics.formUnion(fed)
      warnings.append(
        "Intercom: no \(kind) there is named \(configured.sorted().joined(separator: ", ")); there are: \(inventory.words). \(fed.map(\.path).joined(separator: ", ")) is not configured; set intercom.\(key) in sources.yaml\(orEmpty)"
      )
    }
    check(
      rules.escalationTags, partial.tags, standard: [], "tag", "escalation_tags", [.escalation])
    check(
      rules.highPriorityTags, partial.tags, standard: [], "tag", "high_priority_tags", [.p1p2],
      orEmpty: ", or [] if priorities alone tell")
    var priorities = partial.priorities
    priorities.listed = Self.priorities(rules.client.apiVersion)
    check(rules.highPriorities, priorities, standard: [], "priority", "high_priorities", [.p1p2])
    var origins = partial.origins
    origins.listed = Self.origins
    check(
      rules.customerInitiated.union(rules.customerAnswered), origins, standard: [], "delivered_as",
      "customer_initiated", IntercomSource.metrics)
    return (metrics, warnings)
  }

  /// As documented: 2.16 has levels, earlier versions a flag.
  private static func priorities(_ version: String) -> Set<String> {
    let parts = version.split(separator: ".").compactMap { Int($0) }
    let isLeveled = parts.count == 2 && (parts[0], parts[1]) >= (2, 16)
    return isLeveled ? ["none", "low", "medium", "high", "urgent"] : ["priority", "not_priority"]
  }
}
