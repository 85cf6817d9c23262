import HealthModel
import Insight

/// How an account's support metrics changed over the 30, 60 and 90 days up to the as-of instant.
struct ConversationTrends: Sendable {
  /// How far back conversations are read: the longest window, and the one before it.
  static let days = 180

  private static let weekCount = 12
  private static let fewestWeeks = 8
  private static let day: Int64 = 86_400

  /// Epoch seconds, exclusive.
  let asOf: Int64

  /// In the order of `Metric.trendBases`; empty where a conversation of the account can't be read.
  ///
  /// - Parameter conversations: Of one account, in and before the window.
  func trends(of conversations: [CountedConversation]) -> [MetricTrend]? {
    guard !conversations.contains(where: { $0.traits.contains(.unreadable) }) else { return nil }
    let windows = Metric.trendDays.map { days in
      (
        days: days, now: observations(of: conversations, days, back: 0),
        before: observations(of: conversations, days, back: days)
      )
    }
    let weeks = (1...Self.weekCount).reversed().map { week in
      observations(of: conversations, 7, back: (week - 1) * 7)
    }
    return Metric.trendBases.map { metric in
      MetricTrend(
        metric: metric,
        windows: windows.map { window in
          let (value, before) = (window.now[metric]?.value, window.before[metric]?.value)
          return .init(days: window.days, value: value, before: before, change: metric.change(from: before, to: value))
        },
        direction: direction(of: weeks.compactMap { $0[metric]?.value }, metric))
    }
  }

  private func observations(
    of conversations: [CountedConversation], _ days: Int, back: Int
  ) -> [Metric: Observation] {
    let end = asOf - Int64(back) * Self.day
    let part = (end - Int64(days) * Self.day)..<end
    var tally = ConversationTally()
    for conversation in conversations { tally.add(conversation.within(part)) }
    return tally.observations
  }

  private func direction(of weeks: [Double], _ metric: Metric) -> MetricTrend.Direction {
    guard weeks.count >= Self.fewestWeeks else { return .tooLittle }
    switch MannKendall.trend(of: weeks) {
    case .none: return .steady
    case .rising: return metric.isBetterHigher ? .improving : .worsening
    case .falling: return metric.isBetterHigher ? .worsening : .improving
    }
  }
}

extension Metric {
  /// In percent for counts and durations, in points for shares and ratings.
  fileprivate func change(from before: Double?, to value: Double?) -> Double? {
    guard let before, let value else { return nil }
    guard unit == .count || unit == .seconds else { return value - before }
    return before == 0 ? nil : (value - before) / before * 100
  }

  /// Of the metrics that have trends, these are good when they rise.
  fileprivate var isBetterHigher: Bool { self == .csatScore || self == .csatResponseRate }
}
