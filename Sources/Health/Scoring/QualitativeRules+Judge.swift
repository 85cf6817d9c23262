import Formats
import HealthModel
import Time

extension ScoringModel.QualitativeRules {
  /// Finds the first rule that the signals match which count on a day.
  public func judge(_ reading: SignalReading, asOf: CalendarDate) -> Qualitative {
    guard case .known(let signals) = reading else { return Qualitative(rule: Qualitative.unavailable) }
    var counts = Qualitative.Counts()
    var confirmed: [ChurnSignal.Severity: Int] = [:]
    for signal in signals where isCurrent(signal, asOf: asOf) {
      let severity = countedSeverity(signal, asOf: asOf)
      if let severity { counts.add(severity) }
      if signal.isMonitoring {
        counts.monitoringReduction += 1
      } else if let severity, signal.isConfirmed {
        confirmed[severity, default: 0] += 1
      }
    }
    let match = rules.first { rule in
      let count = rule.requiresConfirmation ? confirmed[rule.severity, default: 0] : counts[rule.severity]
      return count >= rule.minimumCount
    }
    return Qualitative(rule: match?.name ?? Qualitative.none, cap: match?.cap, counts: counts)
  }

  /// The severity as which a signal counts on a day: its own if it is active, one lower if it is in status Monitoring.
  /// Nil where it does not count: closed, lapsed, not observed yet, or a Watch signal in status Monitoring.
  public func countedSeverity(_ signal: ChurnSignal, asOf: CalendarDate) -> ChurnSignal.Severity? {
    guard isCurrent(signal, asOf: asOf) else { return nil }
    if signal.isActive { return signal.severity }
    return signal.isMonitoring ? ChurnSignal.Severity(rawValue: signal.severity.rawValue - 1) : nil
  }

  /// The last day on which a signal can count, by its own severity; nil for one that does not lapse.
  public func lastDay(of signal: ChurnSignal) -> CalendarDate? {
    guard let observed = signal.observed, let days = days(signal.severity) else { return nil }
    return observed.advanced(byDays: days)
  }

  /// How many signals are still open more than a day after they expired. The flow that closes them in Salesforce then
  /// does not run. 0 where the signals are not known.
  ///
  /// The score ignores such signals, but Salesforce's reports still count them.
  public func overdue(_ reading: SignalReading, asOf: CalendarDate) -> Int {
    guard case .known(let signals) = reading else { return 0 }
    return signals.count { signal in
      guard signal.isActive || signal.isMonitoring, let last = lastDay(of: signal) else { return false }
      return asOf.day > last.day + 1
    }
  }

  /// A signal expires by its own severity, not by a lowered one.
  private func isCurrent(_ signal: ChurnSignal, asOf: CalendarDate) -> Bool {
    guard signal.observed.map({ $0 <= asOf }) ?? true else { return false }
    return lastDay(of: signal).map { asOf <= $0 } ?? true
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
  public func limit(_ score: Double) -> Double { cap.map { min($0, score) } ?? score }
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

extension ChurnSignal {
  fileprivate var isActive: Bool { status?.trimmed.lowercased() == "active" }
  fileprivate var isMonitoring: Bool { status?.trimmed.lowercased() == "monitoring" }
  fileprivate var isConfirmed: Bool { confidence?.trimmed.lowercased() == "confirmed" }
}
