import Connectors
import HealthModel

/// Compares the configured names with the names that the workspace has. A name that the workspace does not have would
/// count 0 without notice.
struct NameCheck {
  let rules: IntercomRules

  /// The documented ways for a conversation to begin. They are valid even where no conversation of the workspace has
  /// them.
  private static let origins: Set<String> = [
    "customer_initiated", "campaigns_initiated", "operator_initiated", "automated", "admin_initiated",
  ]

  /// The metrics whose configured names the workspace does not have, and a warning for each kind of name.
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
      "customer_initiated", IntercomSource.windowMetrics)
    var states = partial.finStates
    states.listed = Self.finStates
    check(rules.resolvedStates, states, standard: [], "resolution_state", "fin.resolved_states", [.finDeflection])
    return (metrics, warnings)
  }

  /// The documented states of Fin's part in a conversation.
  private static let finStates: Set<String> = [
    "assumed_resolution", "confirmed_resolution", "escalated", "negative_feedback", "procedure_handoff",
  ]

  /// As documented: levels from version 2.16 on, a flag in earlier versions.
  private static func priorities(_ version: String) -> Set<String> {
    let parts = version.split(separator: ".").compactMap { Int($0) }
    let isLeveled = parts.count == 2 && (parts[0], parts[1]) >= (2, 16)
    return isLeveled ? ["none", "low", "medium", "high", "urgent"] : ["priority", "not_priority"]
  }
}
