/// What the figures of a customer mean: `config/customers.yaml`.
public struct CustomerRules: Sendable, Equatable {
  /// What the prices in flat Stripe attributes are given in.
  public enum AttributeUnit: String, CaseIterable, Sendable {
    /// Such as euros.
    case major
    /// Such as cents.
    case minor
  }

  /// Points of the quality score, 0 to 100 each.
  public struct Quality: Sendable, Equatable {
    public var stripeID: Int
    public var activeSubscription: Int
    public var lifetimeValue: Int
    public var recentlySeen: Int
    /// Days of 24 hours within which a customer counts as recently seen.
    public var recentlySeenDays: Int
    public var location: Int
    public var conversation: Int
    public var csat: Int

    public init(
      stripeID: Int, activeSubscription: Int, lifetimeValue: Int, recentlySeen: Int, recentlySeenDays: Int,
      location: Int, conversation: Int, csat: Int
    ) {
      self.stripeID = stripeID
      self.activeSubscription = activeSubscription
      self.lifetimeValue = lifetimeValue
      self.recentlySeen = recentlySeen
      self.recentlySeenDays = recentlySeenDays
      self.location = location
      self.conversation = conversation
      self.csat = csat
    }
  }

  public var baseCurrency: Currency
  /// Stripe's statuses, in lower case, whose subscriptions count.
  public var mrrStatuses: Set<String>
  public var attributeUnit: AttributeUnit
  public var quality: Quality
  /// Days of 24 hours of the recent conversations and of cancel mentions.
  public var recentDays: Int
  /// Words and phrases of ``CancelLexicon``.
  public var cancelPhrases: [String]
  /// MRR in the base currency above which a customer is of high value.
  public var highValueMRR: Int
  /// Percent of the earlier MRR that a change must exceed.
  public var mrrChangePercent: Int

  public init(
    baseCurrency: Currency, mrrStatuses: Set<String>, attributeUnit: AttributeUnit, quality: Quality, recentDays: Int,
    cancelPhrases: [String], highValueMRR: Int, mrrChangePercent: Int
  ) {
    self.baseCurrency = baseCurrency
    self.mrrStatuses = mrrStatuses
    self.attributeUnit = attributeUnit
    self.quality = quality
    self.recentDays = recentDays
    self.cancelPhrases = cancelPhrases
    self.highValueMRR = highValueMRR
    self.mrrChangePercent = mrrChangePercent
  }
}
