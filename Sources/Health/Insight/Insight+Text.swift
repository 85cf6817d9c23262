import HealthModel
import Scoring

extension AccountChange {
  /// Why the account moved, in one line of at most 255 characters:
  /// `−6.3 since 2026-09: Median first response 2 h → 5 h (−3.1); churn signals (−2.0)`. Nil where there is no change to
  /// split and no cause.
  ///
  /// - Parameter since: The earlier month.
  public func summary(since: String) -> String? {
    guard let change else { return cause.map { String($0.prefix(255)) } }
    let points = Shown.oneDecimal(change)
    let causes = self.causes.filter { $0.points.magnitude >= 0.05 }
    if points == 0, causes.isEmpty { return "No change since \(since)" }
    var text = "\(points == 0 ? "No change" : Driver.signed(change)) since \(since)"
    var separator = ": "
    for cause in causes.prefix(3) {
      let more = "\(separator)\(cause.words) (\(Driver.signed(cause.points)))"
      guard text.count + more.count <= 255 else { break }
      text += more
      separator = "; "
    }
    return text
  }

  /// Single metrics of the data, and the other parts as wholes; the largest first.
  public var causes: [(words: String, points: Double)] {
    var causes: [(words: String, points: Double)] = []
    for part in parts {
      switch part.stage {
      case .configuration: causes.append(("another configuration", part.points))
      case .identity: causes.append(("other ids or segment in the mapping", part.points))
      case .availability: causes.append(("\(part.source ?? "") \(part.availability)", part.points))
      case .data: causes += part.metrics.map { ($0.words, $0.points ?? 0) }
      case .signals: causes.append(("churn signals", part.points))
      }
    }
    return causes.filter { $0.points != 0 }.enumerated().sorted { left, right in
      let sizes = (left.element.points.magnitude, right.element.points.magnitude)
      return sizes.0 != sizes.1 ? sizes.0 > sizes.1 : left.offset < right.offset
    }.map(\.element)
  }
}

extension AccountChange.Part {
  /// `2 metrics missing, 1 known again`.
  fileprivate var availability: String {
    let lost = metrics.count { $0.from.value != nil && $0.to.value == nil }
    let found = metrics.count { $0.from.value == nil && $0.to.value != nil }
    func count(_ number: Int) -> String { "\(number) \(number == 1 ? "metric" : "metrics")" }
    if lost > 0, found > 0 { return "\(count(lost)) missing, \(found) known again" }
    return lost > 0
      ? "\(count(lost)) missing" : found > 0 ? "\(count(found)) known again" : "missing for another reason"
  }
}

extension AccountChange.MetricChange {
  /// `Median first response 2 h → 5 h`.
  public var words: String {
    func text(_ observation: Observation) -> String {
      observation.value.map { Driver.value($0, metric.unit) } ?? "missing"
    }
    return "\(metric.label) \(text(from)) \u{2192} \(text(to))"
  }
}

extension SmallestFix {
  /// Sentences for people; empty for an unscored account.
  public var texts: [String] {
    var texts: [String] = []
    if let cap {
      let signals = cap.signals.map { signal, lapses in
        let observed = signal.observed.map { " of \($0)" } ?? ""
        return "\(signal.severity.name) signal\(observed)\(lapses.map { ", which lapses after \($0)," } ?? "")"
      }
      let end = cap.until.map { "is closed or the last of it lapses (\($0))" } ?? "is closed by a person"
      texts.append(
        "No improvement shows until what caps the score at \(Driver.number(cap.limit)) \(end): \(signals.joined(separator: "; "))"
      )
    }
    let name = target?.rawValue ?? ""
    switch status {
    case .unscored: return []
    case .top: texts.append("In the best tier already")
    case .outOfReach: texts.append("No improvement of what can be moved reaches \(name)")
    case .fix, .capped:
      let words = changes.map {
        "\($0.metric.label) \(Driver.value($0.from, $0.metric.unit)) \u{2192} \($0.shownTarget)"
      }
      if words.isEmpty {
        texts.append("\(name) then, without any other change")
      } else {
        texts.append("\(name) with \(words.joined(separator: " and "))")
      }
    }
    return texts
  }
}

extension SmallestFix.Change {
  /// The target with at most two decimals, rounded to the side that still reaches the tier.
  fileprivate var shownTarget: String {
    guard metric.unit != .seconds else {
      return Driver.value(to < from ? to.rounded(.down) : to.rounded(.up), .seconds)
    }
    let scaled = Shown.snapped(to * 100)
    return Driver.value((to < from ? scaled.rounded(.down) : scaled.rounded(.up)) / 100, metric.unit)
  }
}
