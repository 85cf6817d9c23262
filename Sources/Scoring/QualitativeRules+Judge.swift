import HealthModel

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

  /// A signal expires by its own severity, before any lowering.
  private func isCurrent(_ signal: ChurnSignal, asOf: CalendarDate) -> Bool {
    guard let observed = signal.observed else { return true }
    guard observed <= asOf else { return false }
    let limit =
      switch signal.severity {
      case .watch: watchDays
      case .moderate: moderateDays
      case .critical: criticalDays
      }
    return limit.map { asOf.day - observed.day <= $0 } ?? true
  }
}

extension Qualitative {
  /// A cap only ever lowers.
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
