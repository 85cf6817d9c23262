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

  public init(
    client: IntercomOptions, customerInitiated: Set<String>, customerAnswered: Set<String>, highPriorities: Set<String>,
    highPriorityTags: Set<String>, escalationTags: Set<String>, maximumSlices: Int
  ) {
    self.client = client
    self.customerInitiated = customerInitiated
    self.customerAnswered = customerAnswered
    self.highPriorities = highPriorities
    self.highPriorityTags = highPriorityTags
    self.escalationTags = escalationTags
    self.maximumSlices = maximumSlices
  }

  init(section: ConfigurationSection) {
    self.init(
      client: IntercomOptions(section: section),
      customerInitiated: Set(section.required("customer_initiated").texts()),
      customerAnswered: Set(section.optional("customer_answered")?.textsOrNone() ?? ["operator_initiated"]),
      highPriorities: section.required("high_priorities").names(),
      highPriorityTags: section.required("high_priority_tags").namesOrNone(),
      escalationTags: section.required("escalation_tags").namesOrNone(),
      maximumSlices: section.required("maximum_slices").wholeNumber(in: 1...1000))
  }
}

extension ConfigurationField {
  /// Texts in lower case, to compare them without regard to case.
  func names() -> Set<String> { Set(texts().map { $0.lowercased() }) }

  /// Like ``names()``, but the list may be empty.
  fileprivate func namesOrNone() -> Set<String> { Set(textsOrNone().map { $0.lowercased() }) }
}
