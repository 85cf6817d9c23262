import Formats
import HealthModel
import Salesforce
import Time

/// A score that is to be written to its `Health_Score__c` record.
public struct LoadableScore: Sendable {
  /// The parent of the record.
  public var accountID: SalesforceID
  /// Written to `Segment__c`.
  public var segment: Segment
  public var score: HealthScore
  /// Written to `Top_Drivers__c`, one driver on each line.
  public var drivers: [String]
  /// Written to `Change_Summary__c`, at most 255 characters; nil empties the field.
  public var changeSummary: String?

  public init(
    accountID: SalesforceID, segment: Segment, score: HealthScore, drivers: [String], changeSummary: String? = nil
  ) {
    self.accountID = accountID
    self.segment = segment
    self.score = score
    self.drivers = drivers
    self.changeSummary = changeSummary
  }
}

/// What all records of a run have in common.
public struct LoadContext: Sendable {
  /// The scored month, which is part of the key.
  public var period: Period
  /// Written to `Scored_At__c`.
  public var scoredAt: Timestamp
  /// Written to `Run_Id__c`.
  public var runID: String

  public init(period: Period, scoredAt: Timestamp, runID: String) {
    self.period = period
    self.scoredAt = scoredAt
    self.runID = runID
  }
}

/// The fields of one record. Every field is written every time, so that a repeated run leaves no old value behind.
enum HealthScoreRecord {
  static func record(
    _ loadable: LoadableScore, context: LoadContext, options: SalesforceRules.HealthScores
  ) -> SalesforceRecord {
    let score = loadable.score
    let key = "\(loadable.accountID):\(context.period)"
    var values: [(String, RecordValue)] = [
      (options.keyField, .text(key)),
      ("Account__c", .text(loadable.accountID.description)),
      ("Scoring_Date__c", .text("\(context.period.lastDate)")),
      ("Scored_At__c", .text("\(context.scoredAt)")),
      ("Scoring_Period__c", .text("\(context.period)")),
      ("Health_Score__c", RecordValue(score.health)),
      ("Quantitative_Score__c", RecordValue(score.quantitative)),
      ("Churn_Risk_Score__c", RecordValue(score.churnRisk)),
      ("Platform_Value_Score__c", RecordValue(score.platformValue)),
    ]
    for (dimension, field) in dimensionFields {
      values.append((field, RecordValue(score[dimension].map { HealthScoreRecord.rounded($0, 10) })))
    }
    values += [
      ("Tier__c", RecordValue(score.tier?.rawValue)),
      ("Coverage__c", .number(HealthScoreRecord.rounded(score.coveragePercent, 10))),
      ("Coverage_Flag__c", .text(score.coverage.rawValue)),
      ("Interval_Low__c", RecordValue(score.interval?.low)),
      ("Interval_High__c", RecordValue(score.interval?.high)),
      ("Segment__c", .text(loadable.segment.rawValue)),
    ]
    values += HealthScoreRecord.qualitative(score.qualitative)
    values += [
      ("Top_Drivers__c", .text(loadable.drivers.joined(separator: "\n"))),
      ("Change_Summary__c", RecordValue(loadable.changeSummary)),
      ("Run_Id__c", .text(context.runID)),
    ]
    for metric in Metric.allCases {
      guard let field = options.metricFields[metric] else { continue }
      let raw = score[metric].observation.value
      values.append((field, RecordValue(raw.map { HealthScoreRecord.rounded($0, 1e6) })))
    }
    return SalesforceRecord(key: key, values: values)
  }

  /// The fields about churn signals. If the signals could not be read, only the rule is written and the other fields
  /// are emptied: an old cap would contradict the new score.
  private static func qualitative(_ qualitative: Qualitative) -> [(String, RecordValue)] {
    let counts = qualitative.counts
    return [
      ("Qual_Active_Critical__c", RecordValue(counts.map { Double($0.critical) })),
      ("Qual_Active_Moderate__c", RecordValue(counts.map { Double($0.moderate) })),
      ("Qual_Active_Watch__c", RecordValue(counts.map { Double($0.watch) })),
      ("Qual_Monitoring_Reduction__c", RecordValue(counts.map { Double($0.monitoringReduction) })),
      ("Qual_Rule__c", .text(qualitative.rule)),
      ("Qual_Cap__c", RecordValue(qualitative.cap)),
    ]
  }

  private static let dimensionFields: [(Dimension, String)] = [
    (.supportHealth, "Support_Health_Score__c"), (.financialContract, "Financial_Contract_Score__c"),
    (.adoptionEngagement, "Adoption_Engagement_Score__c"),
    (.relationshipExpansion, "Relationship_Expansion_Score__c"),
  ]

  /// Rounded to a multiple of 1/`unit`, as the field stores it. Decimal halves are rounded away from zero.
  private static func rounded(_ value: Double, _ unit: Double) -> Double {
    guard value.magnitude * unit < 9e15 else { return value }
    let snapped = unit >= 1e6 ? value : (value * 1e9).rounded() / 1e9
    return (snapped * unit).rounded(.toNearestOrAwayFromZero) / unit
  }
}
