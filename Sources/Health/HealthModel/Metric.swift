/// A part of the Health Score. The first four make up the Churn Risk. Platform Value is a component of its own.
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

  /// The metrics that this source delivers, in the order of `Metric.allCases`.
  public var metrics: [Metric] { Dimension.metricsByDimension[self] ?? [] }

  private static let metricsByDimension = Dictionary(grouping: Metric.allCases, by: \.dimension)

  /// By ``Metric/name``; nil where this dimension has no such metric.
  public func metric(named name: String) -> Metric? { metrics.first { $0.name == name } }
}

/// The unit of a metric's raw value. `percent` is 50 for 50 %; `flag` is 0 or 1; `ratio` and `points` have no unit.
public enum MetricUnit: String, Sendable {
  case count, percent, seconds, days, ratio, points, flag
}

/// Every figure that a source can deliver for an account.
///
/// `weights.yaml` decides which of them count and how much. A metric without a weight is reported but not scored.
public enum Metric: Int, CaseIterable, Sendable, Hashable {
  case totalConversations, p1p2, escalation, reopenRate, medianFirstResponse, medianResolution, csatScore,
    csatResponseRate, unanswered
  case openBugs, criticalBugs, reopenedBugs, averageResolution, bugTrend
  case daysToRenewal, paymentHealth, contractChanges, arrTrajectory, tierAlignment
  case pageVisitsPerArrival, pageVisitsTrend, featureBreadth, platformScore, platformScoreTrend
  case qbrAttendance, responsiveness, championStability, executiveEngagement, expansionSignals
  case positiveSentiment, responseBeforeTarget, allinConversations, conversationsPerBooking, arrivalCIOL,
    digitalKey, automationActive, itineraryBooking, pageVisitsPerBooking
  case finDeflection, finCXScore, negativeConversations, licenceUtilisation
  // Of each of `trendBases` over each of `trendDays`, in that order.
  case totalConversationsTrend30, totalConversationsTrend60, totalConversationsTrend90
  case p1p2Trend30, p1p2Trend60, p1p2Trend90
  case escalationTrend30, escalationTrend60, escalationTrend90
  case reopenRateTrend30, reopenRateTrend60, reopenRateTrend90
  case medianFirstResponseTrend30, medianFirstResponseTrend60, medianFirstResponseTrend90
  case medianResolutionTrend30, medianResolutionTrend60, medianResolutionTrend90
  case csatScoreTrend30, csatScoreTrend60, csatScoreTrend90
  case csatResponseRateTrend30, csatResponseRateTrend60, csatResponseRateTrend90

  public var dimension: Dimension { facts.dimension }

  /// The name within the dimension, as in configuration and outputs: `median_first_response_seconds`.
  public var name: String { facts.name }

  /// For customer-success managers, such as `Median first response`.
  public var label: String { facts.label }

  /// The unit of raw values and thresholds.
  public var unit: MetricUnit { facts.unit }

  /// The metrics of Intercom that also have trends.
  public static let trendBases: [Metric] = [
    .totalConversations, .p1p2, .escalation, .reopenRate, .medianFirstResponse, .medianResolution, .csatScore,
    .csatResponseRate,
  ]

  /// How many days a trend's window has. The change is against the window of the same length before.
  public static let trendDays = [30, 60, 90]

  /// The change of this metric over so many days; nil where there is no such trend.
  public func trend(days: Int) -> Metric? {
    guard let base = Metric.trendBases.firstIndex(of: self), let window = Metric.trendDays.firstIndex(of: days) else {
      return nil
    }
    return Metric(
      rawValue: Metric.totalConversationsTrend30.rawValue + base * Metric.trendDays.count + window)
  }

  /// All changes over time of other metrics.
  public static let trends: [Metric] = trendBases.flatMap { base in trendDays.compactMap { base.trend(days: $0) } }

  /// `support_health.p1_p2_pct`.
  public var path: String { dimension.rawValue + "." + name }

  private var facts: Facts { Facts.all[rawValue] }
}

private struct Facts {
  let dimension: Dimension
  let name: String
  let label: String
  let unit: MetricUnit

  init(_ dimension: Dimension, _ name: String, _ label: String, _ unit: MetricUnit) {
    (self.dimension, self.name, self.label, self.unit) = (dimension, name, label, unit)
  }

  /// In the order of `Metric`'s cases.
  static let all: [Facts] = plain + trends

  private static let plain: [Facts] = [
    Facts(.supportHealth, "total_conversations", "Support conversations", .count),
    Facts(.supportHealth, "p1_p2_pct", "High-priority conversations", .percent),
    Facts(.supportHealth, "escalation_pct", "Escalated conversations", .percent),
    Facts(.supportHealth, "reopen_rate_pct", "Reopened conversations", .percent),
    Facts(.supportHealth, "median_first_response_seconds", "Median first response", .seconds),
    Facts(.supportHealth, "median_resolution_seconds", "Median resolution", .seconds),
    Facts(.supportHealth, "csat_score", "Customer satisfaction", .points),
    Facts(.supportHealth, "csat_response_rate", "Satisfaction response rate", .percent),
    Facts(.supportHealth, "unanswered_pct", "Unanswered conversations", .percent),
    Facts(.supportHealth, "open_bugs", "Open bugs", .count),
    Facts(.supportHealth, "critical_bugs", "Critical open bugs", .count),
    Facts(.supportHealth, "reopened_bugs", "Reopened bugs", .count),
    Facts(.supportHealth, "avg_resolution_days", "Average bug resolution", .days),
    Facts(.supportHealth, "bug_trend", "Bugs created per bug resolved", .ratio),
    Facts(.financialContract, "days_to_renewal", "Days to renewal", .days),
    Facts(.financialContract, "payment_health", "Failed payments in 12 months", .count),
    Facts(.financialContract, "contract_changes", "Downgrades and amendments in 12 months", .count),
    Facts(.financialContract, "arr_trajectory_pct", "ARR change year on year", .percent),
    Facts(.financialContract, "tier_alignment", "Success tier below contract size", .flag),
    Facts(.adoptionEngagement, "page_visits_per_arrival", "Page visits per arrival", .ratio),
    Facts(.adoptionEngagement, "page_visits_per_arrival_trend", "Page visits per arrival, change", .percent),
    Facts(.adoptionEngagement, "feature_breadth_pct", "Features in use", .percent),
    Facts(.adoptionEngagement, "platform_score", "Platform score", .points),
    Facts(.adoptionEngagement, "platform_score_trend", "Platform score, change in 3 months", .points),
    Facts(.relationshipExpansion, "qbr_attendance_pct", "Business reviews attended", .percent),
    Facts(.relationshipExpansion, "responsiveness", "Responsiveness level", .points),
    Facts(.relationshipExpansion, "champion_stability", "Days since the champion changed", .days),
    Facts(.relationshipExpansion, "exec_engagement", "Days since the last executive contact", .days),
    Facts(.relationshipExpansion, "expansion_signals", "Open expansion leads", .count),
    Facts(.platformValue, "positive_sentiment_pct", "Conversations with positive sentiment", .percent),
    Facts(.platformValue, "response_before_target_pct", "Messages answered within target", .percent),
    Facts(.platformValue, "allin_conversation_pct", "Messages through the shared inbox", .percent),
    Facts(.platformValue, "conversations_per_booking_pct", "Bookings with messages", .percent),
    Facts(.platformValue, "arrival_ciol_pct", "Bookings with online check-in", .percent),
    Facts(.platformValue, "digital_key_pct", "Bookings with a digital key", .percent),
    Facts(.platformValue, "automation_active", "Automated message flows", .flag),
    Facts(.platformValue, "itinerary_booking_pct", "Itinerary visits per booking", .percent),
    Facts(.platformValue, "page_visits_per_arrival", "Page visits per booking", .ratio),
    Facts(.supportHealth, "fin_deflection_pct", "Conversations resolved by Fin", .percent),
    Facts(.supportHealth, "fin_cx_score", "Customer experience with Fin", .points),
    Facts(.supportHealth, "negative_conversations_pct", "Conversations in a negative tone", .percent),
    Facts(.adoptionEngagement, "license_utilisation_pct", "Licences in use", .percent),
  ]

  private static let trends: [Facts] = Metric.trendBases.flatMap { base in
    let facts = plain[base.rawValue]
    return Metric.trendDays.map { days in
      // Shares and ratings change by points; counts and durations by percent of what they were.
      let isRelative = facts.unit == .count || facts.unit == .seconds
      return Facts(
        facts.dimension, "\(facts.name)_trend_\(days)", "\(facts.label), change in \(days) days",
        isRelative ? .percent : .points)
    }
  }
}
