import ConfigurationReading
import Intercom

/// The section `intercom` of `sources.yaml`: what the values in this workspace mean.
public struct IntercomRules: Sendable, Equatable {
  public var client: IntercomOptions
  /// `source.delivered_as` of conversations that a customer began.
  public var customerInitiated: Set<String>
  /// `source.delivered_as` of conversations that a bot began. They count where the customer wrote in them.
  public var customerAnswered: Set<String>
  /// Values of `priority` that count as P1 or P2, in lower case.
  public var highPriorities: Set<String>
  /// Whole tag names in lower case. If empty, only ``highPriorities`` decides.
  public var highPriorityTags: Set<String>
  /// Whole tag names in lower case. If empty, the escalation metric is not configured.
  public var escalationTags: Set<String>
  /// The most slices that the window is cut into. They are read at the same time, within ``rateLimit``.
  public var maximumSlices: Int
  /// `trends`: whether the 180 days up to the as-of instant are read, for changes over 30, 60 and 90 days.
  public var readsTrends: Bool
  /// `fin.resolved_states`: values of `ai_agent.resolution_state` that count as resolved by Fin, in lower case.
  public var resolvedStates: Set<String>
  /// `fin.cx_score_attribute`: the custom attribute with the workspace's CX score, for accounts whose conversations Fin's
  /// own rating is missing of; nil for none.
  public var scoreAttribute: String?
  /// `text_analysis` of the whole file: whether opening messages are read, for their tone and for suggested signals.
  public var readsText = false

  public init(
    client: IntercomOptions, customerInitiated: Set<String>, customerAnswered: Set<String>, highPriorities: Set<String>,
    highPriorityTags: Set<String>, escalationTags: Set<String>, maximumSlices: Int, readsTrends: Bool = true,
    resolvedStates: Set<String> = IntercomRules.documentedResolvedStates, scoreAttribute: String? = nil
  ) {
    self.readsTrends = readsTrends
    self.resolvedStates = resolvedStates
    self.scoreAttribute = scoreAttribute
    self.client = client
    self.customerInitiated = customerInitiated
    self.customerAnswered = customerAnswered
    self.highPriorities = highPriorities
    self.highPriorityTags = highPriorityTags
    self.escalationTags = escalationTags
    self.maximumSlices = maximumSlices
  }

  /// https://developers.intercom.com/docs/references/2.16/rest-api/api.intercom.io/conversations
  public static let documentedResolvedStates: Set<String> = ["assumed_resolution", "confirmed_resolution"]

  init(section: ConfigurationSection) {
    let fin = section.optional("fin")?.section { fin in
      (
        states: fin.optional("resolved_states")?.names(),
        attribute: fin.optional("cx_score_attribute").map { $0.text() }
      )
    }
    self.init(
      client: IntercomOptions(section: section),
      customerInitiated: Set(section.required("customer_initiated").texts()),
      customerAnswered: Set(section.optional("customer_answered")?.textsOrNone() ?? ["operator_initiated"]),
      highPriorities: section.required("high_priorities").names(),
      highPriorityTags: section.required("high_priority_tags").namesOrNone(),
      escalationTags: section.required("escalation_tags").namesOrNone(),
      maximumSlices: section.required("maximum_slices").wholeNumber(in: 1...1000),
      readsTrends: section.optional("trends")?.flag() ?? true,
      resolvedStates: fin?.states ?? Self.documentedResolvedStates, scoreAttribute: fin?.attribute)
  }
}

extension ConfigurationField {
  /// Texts in lower case, to compare them without regard to case.
  func names() -> Set<String> { Set(texts().map { $0.lowercased() }) }

  /// Like ``names()``, but the list may be empty.
  fileprivate func namesOrNone() -> Set<String> { Set(textsOrNone().map { $0.lowercased() }) }
}
