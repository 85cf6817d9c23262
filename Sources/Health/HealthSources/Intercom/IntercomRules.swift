import ConfigurationReading
import Intercom

/// `sources.yaml`, `intercom`: what counts as what in this workspace.
public struct IntercomRules: Sendable, Equatable {
  public var client: IntercomOptions
  /// `source.delivered_as` of conversations that a customer began.
  public var customerInitiated: Set<String>
  /// `source.delivered_as` of conversations that count where the customer wrote in them, though a bot began them.
  public var customerAnswered: Set<String>
  /// Values of `priority` that count as P1 or P2.
  public var highPriorities: Set<String>
  /// Whole tag names, lower case; empty where the workspace has no such tags, and only priorities tell.
  public var highPriorityTags: Set<String>
  /// Empty where the workspace has no such tags: the metric is then not configured.
  public var escalationTags: Set<String>
  /// How many slices the window is cut into at most; they are read at once, as far as the limit allows.
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
  /// Texts that compare in any case.
  func names() -> Set<String> { Set(texts().map { $0.lowercased() }) }

  /// The same; the list may be empty.
  fileprivate func namesOrNone() -> Set<String> { Set(textsOrNone().map { $0.lowercased() }) }
}
