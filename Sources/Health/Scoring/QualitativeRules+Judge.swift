import Formats
import HealthModel
import Time

extension ScoringModel.QualitativeRules {
  /// Finds the first rule that the active signals match.
  func judge(_ reading: SignalReading, asOf: CalendarDate) -> Qualitative {
    guard case .known(let signals) = reading else { return Qualitative(rule: Qualitative.unavailable) }
    var counts = Qualitative.Counts()
    var confirmed: [ChurnSignal.Severity: Int] = [:]
    for signal in signals where isCurrent(signal, asOf: asOf) {
      switch signal.status?.trimmed.lowercased() {
      case "active":
        counts.add(signal.severity)
        if signal.confidence?.trimmed.lowercased() == "confirmed" { confirmed[signal.severity, default: 0] += 1 }
      case "monitoring":
        counts.monitoringReduction += 1
        if let lowered = ChurnSignal.Severity(rawValue: signal.severity.rawValue - 1) { counts.add(lowered) }
      default:
        break
      }
    }
    let match = rules.first { rule in
      let count = rule.requiresConfirmation ? confirmed[rule.severity, default: 0] : counts[rule.severity]
      return count >= rule.minimumCount
    }
    return Qualitative(rule: match?.name ?? Qualitative.none, cap: match?.cap, counts: counts)
  }

  /// How many signals are still open more than a day after they expired. The flow that closes them in Salesforce then
  /// does not run. 0 where the signals are not known.
  ///
  /// The score ignores such signals, but Salesforce's reports still count them.
  public func overdue(_ reading: SignalReading, asOf: CalendarDate) -> Int {
    guard case .known(let signals) = reading else { return 0 }
    return signals.count { signal in
      let isOpen = ["active", "monitoring"].contains(signal.status?.trimmed.lowercased())
      guard isOpen, let observed = signal.observed, let limit = days(signal.severity) else { return false }
      return asOf.day - observed.day > limit + 1
    }
  }

  /// A signal expires by its own severity, not by a lowered one.
  private func isCurrent(_ signal: ChurnSignal, asOf: CalendarDate) -> Bool {
    guard let observed = signal.observed else { return true }
    guard observed <= asOf else { return false }
    return days(signal.severity).map { asOf.day - observed.day <= $0 } ?? true
  }

  private func days(_ severity: ChurnSignal.Severity) -> Int? {
    switch severity {
    case .watch: watchDays
    case .moderate: moderateDays
    case .critical: criticalDays
    }
  }
}

extension Qualitative {
  /// Applies the cap, which can only lower a score.
  func limit(_ score: Double) -> Double { cap.map { min($0, score) } ?? score }
}

extension Qualitative.Counts {
  subscript(severity: ChurnSignal.Severity) -> Int {
    switch severity {
    case .critical: critical
    case .moderate: moderate
    case .watch: watch
    }
  }

  mutating func add(_ severity: ChurnSignal.Severity) {
    switch severity {
    case .critical: critical += 1
    case .moderate: moderate += 1
    case .watch: watch += 1
    }
  }
}
