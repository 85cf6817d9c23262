import HealthModel

extension HealthScore {
  /// The drivers as sentences; for an unscored account the reason why it has no score.
  public var driverTexts: [String] { unscoredReason.map { ["Not scored: \($0)"] } ?? drivers.map(\.text) }
}

extension Driver {
  /// One sentence that a customer-success manager reads: `Median first response 3 h 10 min, target 1 h: −4.2`.
  public var text: String {
    switch self {
    case .cap(let rule, let limit, let counts):
      return "\(Driver.cause(of: rule, counts)) the score at \(Driver.number(limit))"
    case .loss(let metric, let raw, let target, let lost):
      let value = Driver.value(raw, metric.unit)
      let points = lost >= 0.05 ? Shown.text(lost) : Shown.text(lost, decimals: 2)
      return "\(metric.label) \(value), target \(Driver.value(target, metric.unit)): \u{2212}\(points)"
    }
  }

  private static func cause(of rule: String, _ counts: Qualitative.Counts) -> String {
    var signals: [String] = []
    if counts.critical > 0 { signals.append("\(counts.critical) critical") }
    if counts.moderate > 0 { signals.append("\(counts.moderate) moderate") }
    let many = counts.critical + counts.moderate > 1
    return "\(signals.joined(separator: " and ")) churn signal\(many ? "s" : "") (\(rule)) \(many ? "cap" : "caps")"
  }

  /// A raw value with its unit, as people read it: `3 h 10 min`, `12 %`, `yes`.
  public static func value(_ value: Double, _ unit: MetricUnit) -> String {
    switch unit {
    case .count, .points, .ratio: return number(value)
    case .percent: return number(value) + " %"
    case .days: return number(value) + (value == 1 ? " day" : " days")
    case .seconds: return duration(value)
    case .flag: return value == 0 ? "no" : value == 1 ? "yes" : number(value)
    }
  }

  /// Points with their sign and one decimal, or two for small ones: `+3.1`, `−0.04`.
  public static func signed(_ points: Double) -> String {
    let size = points.magnitude >= 0.05 ? Shown.text(points.magnitude) : Shown.text(points.magnitude, decimals: 2)
    return (points < 0 ? "\u{2212}" : "+") + size
  }

  /// At most two decimals, without zeros at the end.
  public static func number(_ value: Double) -> String {
    var text = Shown.text(value, decimals: 2)
    guard text.contains(".") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text == "-0" ? "0" : text.replacingMinus
  }

  /// The two largest units: `3 h 10 min`, `2 d 4 h`, `45 s`.
  private static func duration(_ seconds: Double) -> String {
    guard seconds.magnitude < 1e12 else { return number(seconds) + " s" }
    let total = Int64(seconds.rounded())
    let parts: [(Int64, String)] =
      total < 3600
      ? [(total / 60, "min"), (total % 60, "s")]
      : total < 172_800
        ? [(total / 3600, "h"), (total % 3600 / 60, "min")] : [(total / 86_400, "d"), (total % 86_400 / 3600, "h")]
    let words = parts.filter { $0.0 != 0 }.map { "\($0.0) \($0.1)" }
    return words.isEmpty ? "0 s" : words.joined(separator: " ")
  }
}

extension String {
  fileprivate var replacingMinus: String { hasPrefix("-") ? "\u{2212}" + dropFirst() : self }
}
