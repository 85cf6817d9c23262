/// A part of the Health Score. The first four make up the Churn Risk; Platform Value stands beside it.
public enum Dimension: String, CaseIterable, Sendable, Codable {
  case supportHealth = "support_health"
  case financialContract = "financial_contract"
  case adoptionEngagement = "adoption_engagement"
  case relationshipExpansion = "relationship_expansion"
  case platformValue = "platform_value"

  /// The dimensions whose weighted mean is the Churn Risk.
  public static let churnRisk: [Dimension] = [
    .supportHealth, .financialContract, .adoptionEngagement, .relationshipExpansion,
  ]

  public var metrics: [Metric] { Dimension.metricsByDimension[self] ?? [] }

  private static let metricsByDimension = Dictionary(grouping: Metric.allCases, by: \.dimension)

  public func metric(named name: String) -> Metric? { metrics.first { $0.name == name } }
}

/// How a metric's raw value is read and worded.
public enum MetricUnit: Sendable {
  case count, percent, seconds, days, ratio, points, flag
}

/// Every figure that a source can deliver for an account.
///
/// Which of them count, and how much, is configuration (`weights.yaml`); one without a weight is reported but not scored.
public enum Metric: Int, CaseIterable, Sendable, Hashable {
  case totalConversations, p1p2, escalation, reopenRate, medianFirstResponse, medianResolution, csatScore,
    csatResponseRate, unanswered
  case openBugs, criticalBugs, reopenedBugs, averageResolution, bugTrend
  case daysToRenewal, paymentHealth, contractChanges, arrTrajectory, tierAlignment
  case pageVisitsPerArrival, pageVisitsTrend, featureBreadth, platformScore, platformScoreTrend
  case qbrAttendance, responsiveness, championStability, executiveEngagement, expansionSignals
  case positiveSentiment, responseBeforeTarget, allinConversations, conversationsPerBooking, arrivalCIOL,
    digitalKey, automationActive, itineraryBooking, pageVisitsPerBooking

  public var dimension: Dimension { facts.dimension }

  /// The name within the dimension, as in configuration and outputs: `median_first_response_seconds`.
  public var name: String { facts.name }

  /// What a customer-success manager calls it.
  public var label: String { facts.label }

  public var unit: MetricUnit { facts.unit }

  /// Who delivers it.
  public var source: SourceID { facts.source }

  /// `support_health.p1_p2_pct`.
  public var path: String { dimension.rawValue + "." + name }

  private var facts: Facts { Facts.all[rawValue] }
}

private struct Facts {
  let dimension: Dimension
  let name: String
  let label: String
  let unit: MetricUnit
  let source: SourceID

  init(_ dimension: Dimension, _ name: String, _ label: String, _ unit: MetricUnit, _ source: SourceID) {
    (self.dimension, self.name, self.label, self.unit, self.source) = (dimension, name, label, unit, source)
  }

  /// In the order of `Metric`'s cases.
  static let all: [Facts] = [
    Facts(.supportHealth, "total_conversations", "Support conversations", .count, .intercom),
    Facts(.supportHealth, "p1_p2_pct", "High-priority conversations", .percent, .intercom),
    Facts(.supportHealth, "escalation_pct", "Escalated conversations", .percent, .intercom),
    Facts(.supportHealth, "reopen_rate_pct", "Reopened conversations", .percent, .intercom),
    Facts(.supportHealth, "median_first_response_seconds", "Median first response", .seconds, .intercom),
    Facts(.supportHealth, "median_resolution_seconds", "Median resolution", .seconds, .intercom),
    Facts(.supportHealth, "csat_score", "Customer satisfaction", .points, .intercom),
    Facts(.supportHealth, "csat_response_rate", "Satisfaction response rate", .percent, .intercom),
    Facts(.supportHealth, "unanswered_pct", "Unanswered conversations", .percent, .intercom),
    Facts(.supportHealth, "open_bugs", "Open bugs", .count, .jira),
    Facts(.supportHealth, "critical_bugs", "Critical open bugs", .count, .jira),
    Facts(.supportHealth, "reopened_bugs", "Reopened bugs", .count, .jira),
    Facts(.supportHealth, "avg_resolution_days", "Average bug resolution", .days, .jira),
    Facts(.supportHealth, "bug_trend", "Bugs created per bug resolved", .ratio, .jira),
    Facts(.financialContract, "days_to_renewal", "Days to renewal", .days, .salesforce),
    Facts(.financialContract, "payment_health", "Failed payments in 12 months", .count, .salesforce),
    Facts(.financialContract, "contract_changes", "Downgrades and amendments in 12 months", .count, .salesforce),
    Facts(.financialContract, "arr_trajectory_pct", "ARR change year on year", .percent, .salesforce),
    Facts(.financialContract, "tier_alignment", "Success tier below contract size", .flag, .salesforce),
    Facts(.adoptionEngagement, "page_visits_per_arrival", "Page visits per arrival", .ratio, .looker),
    Facts(.adoptionEngagement, "page_visits_per_arrival_trend", "Page visits per arrival, change", .percent, .looker),
    Facts(.adoptionEngagement, "feature_breadth_pct", "Features in use", .percent, .looker),
    Facts(.adoptionEngagement, "platform_score", "Platform score", .points, .looker),
    Facts(.adoptionEngagement, "platform_score_trend", "Platform score, change in 3 months", .points, .looker),
    Facts(.relationshipExpansion, "qbr_attendance_pct", "Business reviews attended", .percent, .salesforce),
    Facts(.relationshipExpansion, "responsiveness", "Responsiveness level", .points, .salesforce),
    Facts(.relationshipExpansion, "champion_stability", "Days since the champion changed", .days, .salesforce),
    Facts(.relationshipExpansion, "exec_engagement", "Days since the last executive contact", .days, .salesforce),
    Facts(.relationshipExpansion, "expansion_signals", "Open expansion leads", .count, .salesforce),
    Facts(.platformValue, "positive_sentiment_pct", "Conversations with positive sentiment", .percent, .looker),
    Facts(.platformValue, "response_before_target_pct", "Messages answered within target", .percent, .looker),
    Facts(.platformValue, "allin_conversation_pct", "Messages through the shared inbox", .percent, .looker),
    Facts(.platformValue, "conversations_per_booking_pct", "Bookings with messages", .percent, .looker),
    Facts(.platformValue, "arrival_ciol_pct", "Bookings with online check-in", .percent, .looker),
    Facts(.platformValue, "digital_key_pct", "Bookings with a digital key", .percent, .looker),
    Facts(.platformValue, "automation_active", "Automated message flows", .flag, .looker),
    Facts(.platformValue, "itinerary_booking_pct", "Itinerary visits per booking", .percent, .looker),
    Facts(.platformValue, "page_visits_per_arrival", "Page visits per booking", .ratio, .looker),
  ]
}
