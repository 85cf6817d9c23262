import HealthModel
import Salesforce

/// The section `salesforce` of `sources.yaml`: the org's own objects and fields by API name, and what their values
/// mean.
public struct SalesforceRules: Sendable, Equatable {
  /// `account`: fields of `Account`.
  public struct AccountFields: Sendable, Equatable {
    /// Annual recurring revenue: a number or currency field.
    public var arr: String
    /// A text or picklist field.
    public var successTier: String
    /// A level from 1 to 3. If nil, the metric is not configured.
    public var responsiveness: String?
    /// A number of days, or the date of the last contact. If nil, the metric is not configured.
    public var executiveEngagement: String?

    public init(arr: String, successTier: String, responsiveness: String?, executiveEngagement: String?) {
      self.arr = arr
      self.successTier = successTier
      self.responsiveness = responsiveness
      self.executiveEngagement = executiveEngagement
    }
  }

  /// `opportunity_types`: values of `Type` of `Opportunity`.
  public struct OpportunityTypes: Sendable, Equatable {
    /// An account's renewal date is the earliest close date of its open opportunities of these types.
    public var renewal: [String]
    /// Opportunities of these types count as contract changes where they are won.
    public var contractChange: [String]

    public init(renewal: [String], contractChange: [String]) {
      self.renewal = renewal
      self.contractChange = contractChange
    }
  }

  /// `payments`: the object that has one record for each payment, and its fields.
  public struct Payments: Sendable, Equatable {
    /// API name, such as `Payment_Record__c`.
    public var object: String
    /// Field that holds the account's id.
    public var account: String
    /// Field of the payment's date.
    public var date: String
    /// Field that ``failed`` has values of.
    public var status: String
    /// Statuses of a failed payment, in any case.
    public var failed: [String]

    public init(object: String, account: String, date: String, status: String, failed: [String]) {
      self.object = object
      self.account = account
      self.date = date
      self.status = status
      self.failed = failed
    }
  }

  /// `arr_history`: the object that has earlier values of ARR, and its fields.
  public struct History: Sendable, Equatable {
    /// API name, such as `Account_History__c`.
    public var object: String
    /// Field that holds the account's id.
    public var account: String
    /// Field of the day that the value was recorded.
    public var date: String
    /// Field of the recorded value.
    public var arr: String
    /// Days before the as-of date. Only records that are at least so old are compared with.
    public var minimumAgeDays: Int

    public init(object: String, account: String, date: String, arr: String, minimumAgeDays: Int) {
      self.object = object
      self.account = account
      self.date = date
      self.arr = arr
      self.minimumAgeDays = minimumAgeDays
    }
  }

  /// `business_reviews`: events (`Event`) that count as business reviews.
  public struct BusinessReviews: Sendable, Equatable {
    /// Values of `Type`, in any case.
    public var types: [String]
    /// Checkbox field: whether the customer attended.
    public var attended: String

    public init(types: [String], attended: String) {
      self.types = types
      self.attended = attended
    }
  }

  /// `expansion`: the object that has one record for each expansion lead, and its fields.
  public struct Expansion: Sendable, Equatable {
    /// API name, such as `CSQL__c`.
    public var object: String
    /// Field that holds the account's id.
    public var account: String
    /// Field that ``closed`` has values of.
    public var status: String
    /// Statuses of a closed lead, in any case. Every other status is open.
    public var closed: [String]

    public init(object: String, account: String, status: String, closed: [String]) {
      self.object = object
      self.account = account
      self.status = status
      self.closed = closed
    }
  }

  /// `churn_signals`: the object that has one record for each signal, and its fields.
  public struct Signals: Sendable, Equatable {
    /// API name, such as `Churn_Signal__c`.
    public var object: String
    /// Field that holds the account's id.
    public var account: String
    /// Field with `critical`, `moderate` or `watch` of ``values``.
    public var severity: String
    /// Field with `confirmed` of ``values``, or another confidence.
    public var confidence: String
    /// Field with `active` or `monitoring` of ``values``. Only these signals are read.
    public var status: String
    /// Field of the day of observation. A signal without one never expires.
    public var observed: String
    /// What the values of ``severity``, ``confidence`` and ``status`` mean.
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

  /// How the org's picklists spell the values of a signal: API values, not labels. They compare in any case.
  public struct SignalValues: Sendable, Equatable {
    /// Of `Signals.status`.
    public var active: [String]
    /// Of `Signals.status`.
    public var monitoring: [String]
    /// Of `Signals.severity`.
    public var critical: [String]
    /// Of `Signals.severity`.
    public var moderate: [String]
    /// Of `Signals.severity`.
    public var watch: [String]
    /// Of `Signals.confidence`.
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

  /// `tier_alignment`: an account with more ARR than this, and one of these success tiers, is misaligned.
  public struct TierAlignment: Sendable, Equatable {
    /// In the org's currency. An account with exactly this ARR is not misaligned.
    public var arrAbove: Double
    /// Values of `AccountFields.successTier`, in any case.
    public var misalignedTiers: [String]

    public init(arrAbove: Double, misalignedTiers: [String]) {
      self.arrAbove = arrAbove
      self.misalignedTiers = misalignedTiers
    }
  }

  /// `health_scores`: the object that scores are written to, and its fields.
  public struct HealthScores: Sendable, Equatable {
    /// API name, such as `Health_Score__c`.
    public var object: String
    /// `key`: the external id, `{account id}:{period}`.
    public var keyField: String
    /// The field that a metric's raw value is written to. A metric without an entry is not written.
    public var metricFields: [Metric: String]
    /// `bulk_above`: more records than this are written by Bulk API 2.0.
    public var bulkThreshold: Int

    public init(object: String, keyField: String, metricFields: [Metric: String], bulkThreshold: Int) {
      self.object = object
      self.keyField = keyField
      self.metricFields = metricFields
      self.bulkThreshold = bulkThreshold
    }
  }

  /// The standard field of `Account` that names its owner.
  static let ownerID = "OwnerId"
  /// The field of that owner's record.
  static let ownerName = "Owner.Name"

  public var client: SalesforceOptions
  /// The most account ids in one query. The limit for URI and headers together is 16 KiB.
  public var accountsPerQuery: Int
  public var account: AccountFields
  public var opportunityTypes: OpportunityTypes
  public var payments: Payments
  public var history: History
  public var businessReviews: BusinessReviews
  /// `champion_role`: value of `Roles` of `AccountContactRelation`, in any case.
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
