import HealthModel
import Salesforce

/// `sources.yaml`, `salesforce`: names of the org's own objects and fields, and what their values mean.
public struct SalesforceRules: Sendable, Equatable {
  /// On `Account`.
  public struct AccountFields: Sendable, Equatable {
    public var arr: String
    public var successTier: String
    /// Nil where the org keeps none: the metric is then not configured.
    public var responsiveness: String?
    /// A number of days, or the date of the last contact.
    public var executiveEngagement: String?

    public init(arr: String, successTier: String, responsiveness: String?, executiveEngagement: String?) {
      self.arr = arr
      self.successTier = successTier
      self.responsiveness = responsiveness
      self.executiveEngagement = executiveEngagement
    }
  }

  /// On `Opportunity`, values of `Type`.
  public struct OpportunityTypes: Sendable, Equatable {
    public var renewal: [String]
    public var contractChange: [String]

    public init(renewal: [String], contractChange: [String]) {
      self.renewal = renewal
      self.contractChange = contractChange
    }
  }

  public struct Payments: Sendable, Equatable {
    public var object: String
    public var account: String
    public var date: String
    public var status: String
    public var failed: [String]

    public init(object: String, account: String, date: String, status: String, failed: [String]) {
      self.object = object
      self.account = account
      self.date = date
      self.status = status
      self.failed = failed
    }
  }

  public struct History: Sendable, Equatable {
    public var object: String
    public var account: String
    public var date: String
    public var arr: String
    public var minimumAgeDays: Int

    public init(object: String, account: String, date: String, arr: String, minimumAgeDays: Int) {
      self.object = object
      self.account = account
      self.date = date
      self.arr = arr
      self.minimumAgeDays = minimumAgeDays
    }
  }

  /// On `Event`.
  public struct BusinessReviews: Sendable, Equatable {
    public var types: [String]
    public var attended: String

    public init(types: [String], attended: String) {
      self.types = types
      self.attended = attended
    }
  }

  public struct Expansion: Sendable, Equatable {
    public var object: String
    public var account: String
    public var status: String
    public var closed: [String]

    public init(object: String, account: String, status: String, closed: [String]) {
      self.object = object
      self.account = account
      self.status = status
      self.closed = closed
    }
  }

  public struct Signals: Sendable, Equatable {
    public var object: String
    public var account: String
    public var severity: String
    public var confidence: String
    public var status: String
    public var observed: String
    public var values: SignalValues

    public init(
      object: String, account: String, severity: String, confidence: String, status: String, observed: String,
      values: SignalValues = SignalValues()
    ) {
      self.object = object
      self.account = account
      self.severity = severity
      self.confidence = confidence
      self.status = status
      self.observed = observed
      self.values = values
    }
  }

  /// What the org's picklists call the states of a signal: API values, not labels.
  public struct SignalValues: Sendable, Equatable {
    public var active: [String]
    public var monitoring: [String]
    public var critical: [String]
    public var moderate: [String]
    public var watch: [String]
    public var confirmed: [String]

    public init(
      active: [String] = ["Active"], monitoring: [String] = ["Monitoring"], critical: [String] = ["Critical"],
      moderate: [String] = ["Moderate"], watch: [String] = ["Watch"], confirmed: [String] = ["Confirmed"]
    ) {
      self.active = active
      self.monitoring = monitoring
      self.critical = critical
      self.moderate = moderate
      self.watch = watch
      self.confirmed = confirmed
    }
  }

  /// ARR above which the lowest success tier is a mismatch.
  public struct TierAlignment: Sendable, Equatable {
    public var arrAbove: Double
    public var misalignedTiers: [String]

    public init(arrAbove: Double, misalignedTiers: [String]) {
      self.arrAbove = arrAbove
      self.misalignedTiers = misalignedTiers
    }
  }

  public struct HealthScores: Sendable, Equatable {
    public var object: String
    public var keyField: String
    /// The field that a metric's raw value goes to.
    public var metricFields: [Metric: String]
    /// More records than this go by Bulk API 2.0.
    public var bulkThreshold: Int

    public init(object: String, keyField: String, metricFields: [Metric: String], bulkThreshold: Int) {
      self.object = object
      self.keyField = keyField
      self.metricFields = metricFields
      self.bulkThreshold = bulkThreshold
    }
  }

  public var client: SalesforceOptions
  /// Account ids in one query; URI and headers together may have 16 KiB.
  public var accountsPerQuery: Int
  public var account: AccountFields
  public var opportunityTypes: OpportunityTypes
  public var payments: Payments
  public var history: History
  public var businessReviews: BusinessReviews
  public var championRole: String
  public var expansion: Expansion
  public var signals: Signals
  public var tierAlignment: TierAlignment
  public var healthScores: HealthScores

  public init(
    client: SalesforceOptions, accountsPerQuery: Int, account: AccountFields,
    opportunityTypes: OpportunityTypes, payments: Payments, history: History, businessReviews: BusinessReviews,
    championRole: String, expansion: Expansion, signals: Signals, tierAlignment: TierAlignment,
    healthScores: HealthScores
  ) {
    self.client = client
    self.accountsPerQuery = accountsPerQuery
    self.account = account
    self.opportunityTypes = opportunityTypes
    self.payments = payments
    self.history = history
    self.businessReviews = businessReviews
    self.championRole = championRole
    self.expansion = expansion
    self.signals = signals
    self.tierAlignment = tierAlignment
    self.healthScores = healthScores
  }
}
