import HealthModel
import Scoring
import Time

/// Compares known figures with extracted ones, and looks for the cause of each difference.
struct PilotExplainer {
  private let known: [KnownFigure]
  private let book: Book
  private let accounts: [String: (account: AccountSnapshot, score: HealthScore)]
  private let others: [Book]
  private let sources: [MetricSource]

  init(
    _ known: [KnownFigure], _ book: Book, _ scores: [HealthScore], others: [Book], sources: [MetricSource]
  ) {
    self.known = known
    self.book = book
    self.others = others
    self.sources = sources
    accounts = Dictionary(zip(book.accounts, scores).map { ($0.accountID, ($0, $1)) }) { first, _ in first }
  }

  var comparisons: [Pilot.Comparison] { known.map(compare) }

  private func compare(_ figure: KnownFigure) -> Pilot.Comparison {
    let (name, text) =
      switch figure.figure {
      case .value(let metric, let value, _): (metric.path, Self.exact(value))
      case .tier(let tier): ("tier", tier.rawValue)
      }
    var comparison = Pilot.Comparison(
      accountID: figure.accountID, accountName: "", figure: name, known: text, extracted: nil, difference: nil,
      status: .unknownAccount,
      explanation: "unmapped: \(book.period) has no such account; account_mapping.csv needs a usable row for it")
    guard let (account, score) = accounts[figure.accountID] else { return comparison }
    comparison.accountName = account.accountName
    switch figure.figure {
    case .tier(let tier): compare(tier, account, score, &comparison)
    case .value(let metric, let value, let tolerance):
      switch account.observations[metric] {
      case .missing(let reason):
        comparison.status = .missing
        comparison.explanation = words(reason, metric, account)
      case .value(let extracted):
        comparison.extracted = Self.exact(extracted)
        comparison.difference = extracted - value
        let isEqual = Self.isEqual(extracted, value, tolerance)
        comparison.status = isEqual ? .equal : .different
        comparison.explanation = isEqual ? "" : cause(metric, extracted, value, tolerance, account)
      }
    }
    return comparison
  }

  private static func isEqual(_ extracted: Double, _ known: Double, _ tolerance: Double) -> Bool {
    (extracted - known).magnitude <= tolerance + 1e-9 * max(1, known.magnitude)
  }

  private static func exact(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  // MARK: Tiers

  private func compare(
    _ tier: Tier, _ account: AccountSnapshot, _ score: HealthScore, _ comparison: inout Pilot.Comparison
  ) {
    comparison.extracted = score.tier?.rawValue
    guard let found = score.tier, let health = score.health else {
      comparison.status = .missing
      comparison.explanation = "not scored: \(score.unscoredReason ?? "")"
      return
    }
    comparison.status = found == tier ? .equal : .different
    guard found != tier else {
      comparison.explanation = ""
      return
    }
    var causes = [
      "the score is \(Shown.text(health)), \(tier.rawValue) begins at \(Driver.number(book.scorer.model.lowerBound(of: tier)))"
    ]
    let differing = known.filter { figure in
      guard figure.accountID == account.accountID, case .value(let metric, let value, let tolerance) = figure.figure,
        let extracted = account.observations[metric].value
      else { return false }
      return !Self.isEqual(extracted, value, tolerance)
    }
    if !differing.isEmpty { causes.append("\(differing.count) of its known figures differ") }
    if let cap = score.qualitative.cap, let quantitative = score.quantitative, cap < quantitative {
      causes.append("\(score.qualitative.rule) caps \(Shown.text(quantitative)) at \(Driver.number(cap))")
    }
    if score.interval?.isTierCertain == false { causes.append("the tier is not certain, since data is missing") }
    causes += score.drivers.compactMap { driver in if case .loss = driver { driver.text } else { nil } }
    comparison.explanation = causes.joined(separator: "; ")
  }

  // MARK: Missing figures

  private func words(_ reason: MissingReason, _ metric: Metric, _ account: AccountSnapshot) -> String {
    let source = source(of: metric)
    let ids = ids(of: source, account)
    let columns = source?.columns.joined(separator: ", ") ?? "the id"
    let cause =
      switch reason {
      case .notMapped: "unmapped, account_mapping.csv has no \(columns) for the account"
      case .notFound: "wrong id, \(source?.name ?? "the source") does not know \(ids.isEmpty ? columns : ids)"
      case .unavailable: "\(source?.name ?? "the source") failed in this run; run the period again"
      case .notConfigured: "no credentials, or the source lacks the object, field or name that sources.yaml says"
      case .notAsOf: "\(source?.name ?? "the source") knows it only for today, and \(book.period) is long closed"
      case .noData: "the source answered, and had nothing to measure in \(window(account))"
      }
    return "\(reason.rawValue): \(cause)"
  }

  // MARK: Differing figures

  private func cause(
    _ metric: Metric, _ extracted: Double, _ value: Double, _ tolerance: Double, _ account: AccountSnapshot
  ) -> String {
    if let factor = unitFactor(extracted, value) {
      return
        "unit: the factor is \(factor); the metric is in \(metric.unit.words)"
    }
    if let month = month(of: metric, value, tolerance, account) {
      return "window: the known value is that of \(month); this is \(window(account))"
    }
    let source = source(of: metric)
    var causes: [String] = []
    if let wrong = wrongID(source, account, metric, value, tolerance) { causes.append(wrong) }
    if metric == .medianResolution {
      causes.append(
        "late close: a conversation counts in the month of its last close (\(window(account))), whenever it was created"
      )
    } else if metric == .averageResolution || metric == .openBugs || metric == .criticalBugs {
      causes.append("late close: what was closed after \(asOf(account)) was open then")
    }
    if causes.isEmpty {
      causes.append("window: \(metric.counting(window(account), asOf(account)))")
      let ids = ids(of: source, account)
      if !ids.isEmpty { causes.append("if that is what was counted, wrong id: check \(ids)") }
    }
    return causes.joined(separator: "; ")
  }

  /// 60, 3,600, 86,400 or 100, where one value is so many times the other.
  private func unitFactor(_ extracted: Double, _ value: Double) -> String? {
    guard extracted != 0, value != 0 else { return nil }
    let ratio = extracted / value
    for (factor, words) in [(60.0, "60"), (3600, "3,600"), (86_400, "86,400"), (100, "100")]
    where [ratio, 1 / ratio].contains(where: { ($0 / factor - 1).magnitude < 0.01 }) {
      return words
    }
    return nil
  }

  /// Another stored month in which the account had the known value.
  private func month(of metric: Metric, _ value: Double, _ tolerance: Double, _ account: AccountSnapshot) -> Period? {
    others.first { other in
      guard let then = other.accounts.first(where: { $0.accountID == account.accountID }),
        let extracted = then.observations[metric].value
      else { return false }
      return Self.isEqual(extracted, value, tolerance)
    }?.period
  }

  /// An id that is another account's, or under which nothing fits.
  private func wrongID(
    _ source: MetricSource?, _ account: AccountSnapshot, _ metric: Metric, _ value: Double, _ tolerance: Double
  ) -> String? {
    guard let source, let links = account.mapping else { return nil }
    let used = source.columns.compactMap { column in links[column].map { (column, $0) } }
    if let twin = book.accounts.first(where: { other in
      other.accountID != account.accountID && !used.isEmpty && source.name != "jira"
        && used.contains { other.mapping?[$0.0] == $0.1 }
    }) {
      return "wrong id: \(ids(of: source, account)) is that of \(twin.accountName) too"
    }
    let figures = known.compactMap { figure -> (metric: Metric, value: Double, tolerance: Double)? in
      guard figure.accountID == account.accountID, case .value(let metric, let value, let tolerance) = figure.figure,
        source.metrics.contains(metric)
      else { return nil }
      return (metric, value, tolerance)
    }
    func fits(_ other: AccountSnapshot) -> Int {
      figures.count { figure in
        other.observations[figure.metric].value.map { Self.isEqual($0, figure.value, figure.tolerance) } ?? false
      }
    }
    // A single small number fits many accounts; several at once hardly do.
    if figures.count > 1, let owner = book.accounts.first(where: { fits($0) == figures.count }) {
      return "wrong id: all known values are those of \(owner.accountName); check \(ids(of: source, account))"
    }
    // What a unit, another month or a late close explains says nothing of the id.
    let unexplained = figures.filter { figure in
      guard let extracted = account.observations[figure.metric].value, figure.metric != .medianResolution else {
        return false
      }
      return unitFactor(extracted, figure.value) == nil
        && month(of: figure.metric, figure.value, figure.tolerance, account) == nil
    }
    guard unexplained.count > 1, fits(account) == 0 else { return nil }
    return
      "wrong id: none of \(unexplained.count) known values of \(source.name) fits; check \(ids(of: source, account))"
  }

  // MARK: Words

  private func source(of metric: Metric) -> MetricSource? { sources.first { $0.metrics.contains(metric) } }

  /// `intercom_company_id c12`; empty without a mapping.
  private func ids(of source: MetricSource?, _ account: AccountSnapshot) -> String {
    guard let source, let links = account.mapping else { return "" }
    return source.columns.compactMap { column in links[column].map { "\(column) \($0)" } }.joined(separator: ", ")
  }

  private func asOf(_ account: AccountSnapshot) -> String { account.asOf?.description ?? book.period.end.description }

  private func window(_ account: AccountSnapshot) -> String {
    "\(book.period.start) up to \(asOf(account)), in UTC"
  }
}

extension Metric {
  /// What time it is measured over.
  fileprivate func counting(_ window: String, _ asOf: String) -> String {
    switch dimension {
    case .supportHealth: "it counts what lies in \(window)"
    case .financialContract, .relationshipExpansion: "it is as of \(asOf), over the 12 months before where it counts"
    case .adoptionEngagement, .platformValue: "it is the vendor's figure for the month up to \(asOf)"
    }
  }
}

extension MetricUnit {
  fileprivate var words: String {
    switch self {
    case .count: "whole numbers"
    case .percent: "percent (50 is 50 %)"
    case .seconds: "seconds"
    case .days: "days"
    case .ratio: "times"
    case .points: "points"
    case .flag: "0 or 1"
    }
  }
}
