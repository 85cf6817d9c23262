import Formats
import HealthModel
import Scoring
import Time

/// The exact split of every account's change between two months.
public struct Changes: Sendable {
  public let from: Period
  public let to: Period
  /// Accounts of the later month in its order, then those that left the book.
  public let accounts: [AccountChange]
  public let book: BookChange

  /// - Parameter sources: Which metrics come from where.
  public init(from earlier: Book, to later: Book, sources: [MetricSource]) {
    let split = ChangeSplit(from: earlier, to: later, sources: sources)
    let before = Dictionary(earlier.accounts.map { ($0.accountID, $0) }) { first, _ in first }
    let after = Set(later.accounts.map(\.accountID))
    from = earlier.period
    to = later.period
    accounts =
      later.accounts.map { split.change(from: before[$0.accountID], to: $0) }
      + earlier.accounts.filter { !after.contains($0.accountID) }.map { split.change(from: $0, to: nil) }
    book = BookChange(accounts)
  }
}

/// Splits the change of one account after another.
///
/// Every step is a rescoring by the engine. Within the step data the weights are fixed, and the quantitative score is
/// linear in the normalised metrics: each metric's part is exact.
struct ChangeSplit {
  private let from: Book
  private let to: Book
  /// In the order in which the new weights first name a metric of theirs.
  private let sources: [MetricSource]
  private let weighed: [Metric]
  private let isSameModel: Bool

  init(from: Book, to: Book, sources: [MetricSource]) {
    self.from = from
    self.to = to
    let weighed = to.scorer.model.dimensions.flatMap { $0.metrics.map(\.metric) }
    self.weighed = weighed
    self.sources = sources.compactMap { source in
      weighed.firstIndex(where: source.metrics.contains).map { ($0, source) }
    }.sorted { $0.0 < $1.0 }.map(\.1)
    isSameModel = from.scorer.model == to.scorer.model
  }

  /// - Parameters: One of the two is not nil.
  func change(from old: AccountSnapshot?, to new: AccountSnapshot?) -> AccountChange {
    let before = old.map { from.scorer.score($0) }
    let after = new.map { to.scorer.score($0) }
    func side(_ score: HealthScore?) -> AccountChange.Side {
      .init(standing: score.map { Standing($0) } ?? .absent, score: score?.health)
    }
    var change = AccountChange(
      accountID: (new ?? old)?.accountID ?? "", accountName: (new ?? old)?.accountName ?? "", from: side(before),
      to: side(after), arr: (new ?? old)?.arr, change: nil, cause: nil, parts: [])
    guard let old, let new, let before, let after, let start = before.unrounded, let end = after.unrounded else {
      change.cause = [words(before, from.period), words(after, to.period)].compactMap(\.self).joined(separator: "; ")
      return change
    }
    change.change = end.health - start.health
    let parts = self.parts(from: old, start, to: new, after)
    if parts.contains(where: { $0.points != 0 || !$0.metrics.isEmpty }) { change.parts = parts }
    return change
  }

  private func words(_ score: HealthScore?, _ period: Period) -> String? {
    guard let score else { return "not in the book of \(period)" }
    return score.unscoredReason.map { "not scored in \(period): \($0)" }
  }

  // MARK: The path

  private func parts(
    from old: AccountSnapshot, _ start: HealthScore.Unrounded, to new: AccountSnapshot, _ after: HealthScore
  ) -> [AccountChange.Part] {
    var state = old
    var parts: [AccountChange.Part] = []
    // The old inputs under the new configuration.
    var score = isSameModel ? nil : to.scorer.score(state)
    var quantitative = start
    if let score { quantitative = score.unrounded ?? start }
    let configured = quantitative
    parts.append(
      .init(
        stage: .configuration, points: configured.health - start.health, quantitative: configured.quantitative,
        metrics: isSameModel ? [] : reweighed(old)))

    /// Rescores; a step that leaves the account without a score has no points.
    func add(_ stage: AccountChange.Stage, _ source: String? = nil, _ metrics: [AccountChange.MetricChange]) {
      let before = quantitative.quantitative
      score = to.scorer.score(state)
      quantitative = score?.unrounded ?? quantitative
      parts.append(
        .init(
          stage: stage, source: source, points: quantitative.quantitative - before,
          quantitative: quantitative.quantitative, metrics: metrics))
    }

    let linked = sources.filter { isLinkedAnew($0, old, new) }
    let identified = weighed.filter { metric in
      linked.contains { $0.metrics.contains(metric) } && state.observations[metric] != new.observations[metric]
    }
    if old.segment != new.segment || !identified.isEmpty {
      var metrics = identified
      if old.segment != new.segment { metrics = judgedAnew(by: new.segment, state, identified) }
      let before = state
      for metric in identified { state.observations[metric] = new.observations[metric] }
      state.segment = new.segment
      add(.identity, nil, changes(of: metrics, before, state))
    } else {
      parts.append(.init(stage: .identity, points: 0, quantitative: quantitative.quantitative, metrics: []))
    }

    for source in sources {
      let metrics = weighed.filter { metric in
        source.metrics.contains(metric)
          && state.observations[metric].missingReason != new.observations[metric].missingReason
      }
      guard !metrics.isEmpty else { continue }
      let before = state
      for metric in metrics { state.observations[metric] = new.observations[metric] }
      add(.availability, source.name, changes(of: metrics, before, state))
    }

    let moved = weighed.filter { state.observations[$0] != new.observations[$0] }
    let end = after.unrounded ?? quantitative
    if !moved.isEmpty {
      let before = score ?? to.scorer.score(state)
      var changes = changes(of: moved, state, new)
      for index in changes.indices {
        let metric = changes[index].metric
        if let now = after[metric].score, let then = before[metric].score {
          changes[index].points = after[metric].weight * (now - then)
        }
      }
      parts.append(
        .init(
          stage: .data, points: end.quantitative - quantitative.quantitative, quantitative: end.quantitative,
          metrics: changes))
    } else {
      parts.append(.init(stage: .data, points: 0, quantitative: end.quantitative, metrics: []))
    }
    // What a cap takes now, less what it took under the new configuration. Exactly 0 without caps.
    let points = (end.health - end.quantitative) - (configured.health - configured.quantitative)
    parts.append(.init(stage: .signals, points: points, quantitative: end.quantitative, metrics: []))
    return parts
  }

  private func isLinkedAnew(_ source: MetricSource, _ old: AccountSnapshot, _ new: AccountSnapshot) -> Bool {
    guard let old = old.mapping, let new = new.mapping else { return false }
    return source.columns.contains { old[$0] != new[$0] }
  }

  private func changes(
    of metrics: [Metric], _ old: AccountSnapshot, _ new: AccountSnapshot
  ) -> [AccountChange.MetricChange] {
    metrics.map { .init(metric: $0, from: old.observations[$0], to: new.observations[$0], points: nil) }
  }

  /// Metrics that have other weights or thresholds than before.
  private func reweighed(_ account: AccountSnapshot) -> [AccountChange.MetricChange] {
    let before = from.scorer.weightedMetrics
    let after = to.scorer.weightedMetrics
    let metrics = weighed.filter { metric in
      guard account.observations[metric].value != nil, let new = after[metric] else { return false }
      guard let old = before[metric] else { return true }
      return old.share != new.share || old.metric.isLowerBetter != new.metric.isLowerBetter
        || old.metric.thresholds(for: account.segment) != new.metric.thresholds(for: account.segment)
    }
    return changes(of: metrics, account, account)
  }

  /// Metrics with other values, and those that the other segment's thresholds judge otherwise.
  private func judgedAnew(by segment: Segment, _ account: AccountSnapshot, _ changed: [Metric]) -> [Metric] {
    let weights = to.scorer.weightedMetrics
    return weighed.filter { metric in
      if changed.contains(metric) { return true }
      guard let raw = account.observations[metric].value, let entry = weights[metric]?.metric else { return false }
      return entry.normalise(raw, for: account.segment) != entry.normalise(raw, for: segment)
    }
  }
}
