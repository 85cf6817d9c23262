import HTTPClient

/// `sources.yaml`, `intercom`: what counts as what in this workspace.
public struct IntercomOptions: Sendable, Equatable {
  /// Pinned: priorities and resolution states differ between versions, and without a header the app's setting counts.
  public var apiVersion: String
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
  public var rateLimit: RateLimit

  public init(
    apiVersion: String, customerInitiated: Set<String>, customerAnswered: Set<String>, highPriorities: Set<String>,
    highPriorityTags: Set<String>,
    escalationTags: Set<String>, maximumSlices: Int, rateLimit: RateLimit
  ) {
    self.apiVersion = apiVersion
    self.customerInitiated = customerInitiated
    self.customerAnswered = customerAnswered
    self.highPriorities = highPriorities
    self.highPriorityTags = highPriorityTags
    self.escalationTags = escalationTags
    self.maximumSlices = maximumSlices
    self.rateLimit = rateLimit
  }
}

/// Where the workspace is and how to be let in; regions have hosts of their own.
public struct IntercomCredentials: Sendable {
  public var baseURL: String
  public var token: String

  public init(baseURL: String, token: String) {
    self.baseURL = baseURL
    self.token = token
  }
}
