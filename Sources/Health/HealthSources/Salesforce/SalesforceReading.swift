import Formats
import HealthModel

/// Computes an account's metrics from its tally.
struct SalesforceReading {
  let rules: SalesforceRules
  let extraction: Extraction
  let partial: SalesforcePartial

  func observation(_ metric: Metric, _ tally: SalesforceTally) -> Observation {
    let today = extraction.asOf.date
    switch metric {
    case .daysToRenewal: return .known(tally.renewal.map { Double($0.day - today.day) })
    case .paymentHealth: return tally.payments > 0 ? .value(Double(tally.failedPayments)) : .missing(.noData)
    case .contractChanges: return .value(Double(tally.contractChanges))
    case .arrTrajectory:
      guard let arr = tally.arr, let earlier = tally.snapshot?.arr, earlier > 0 else { return .missing(.noData) }
      return .ratio(arr - earlier, of: earlier, times: 100)
    case .tierAlignment:
      guard let arr = tally.arr, let tier = tally.successTier else { return .missing(.noData) }
      let isMisaligned =
        arr > rules.tierAlignment.arrAbove
        && rules.tierAlignment.misalignedTiers.contains { $0.comparisonKey == tier.comparisonKey }
      return .value(isMisaligned ? 1 : 0)
    case .qbrAttendance: return .ratio(Double(tally.attendedReviews), of: Double(tally.reviews), times: 100)
    case .championStability: return .known(tally.championSince.map { Double(today.day - $0.day) })
    case .expansionSignals: return .value(Double(tally.expansionLeads))
    case .responsiveness: return .known(tally.responsiveness)
    case .executiveEngagement: return .known(tally.executiveEngagement)
    default: return .missing(.noData)
    }
  }
}
