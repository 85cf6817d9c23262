import HealthModel
import Time

/// The results that a run over the sandbox must have: every metric of every account, computed from the vendors' data.
/// It uses nothing of the product but the names of metrics and of reasons.
///
/// Valid for a run over the world's month after that month has ended.
public struct SandboxTruth: Sendable {
  private let world: SandboxWorld
  private let tables: [String: OrgTable]
  private let looks: [String: [String: OrgTable.Row]]
  private let usage: [Int: [String: OrgTable.Row]]
  private let withTrends: Bool

  /// - Parameter withTrends: Whether the run reads the months before; without them all changes over time are
  ///   `notConfigured`.
  public init(_ world: SandboxWorld, withTrends: Bool = true) {
    self.world = world
    self.withTrends = withTrends
    // Amounts in the users' currency, even if the org keeps them in others.
    tables = SalesforceTables.make(
      SandboxWorld(
        accounts: world.accounts.count, period: world.period, seed: world.seed,
        conversationsPerAccount: world.conversationsPerAccount,
        varieties: world.varieties.subtracting([.salesforceCurrencies])))
    func byBrand(_ rows: [OrgTable.Row]) -> [String: OrgTable.Row] {
      Dictionary(rows.map { (Self.brand($0), $0) }) { first, _ in first }
    }
    looks = Dictionary(
      uniqueKeysWithValues: FakeLook.ids.map { id in
        let rows = FakeLook.rows(id, world)
        return (id, byBrand(Array(rows.prefix(FakeLook.cap(id, world) ?? rows.count))))
      })
    usage = Dictionary(
      uniqueKeysWithValues: [0, -1, -3].map { back in
        (back, byBrand(FakeLook.usage(world.period.advanced(by: back), world)))
      })
  }

  private static func brand(_ row: OrgTable.Row) -> String {
    let key = row.keys.first { $0.hasSuffix("brand_id") } ?? ""
    switch row[key] {
    case .text(let text)?: return text
    case .number(let number)?: return "\(Int(number))"
    default: return ""
    }
  }

  /// The expected observation of every metric of an account.
  public func observations(of account: SandboxAccount) -> [Metric: Observation] {
    var all = conversations(of: account)
    all.merge(bugs(of: account)) { $1 }
    all.merge(looker(account)) { $1 }
    all.merge(salesforce(account)) { $1 }
    return all
  }

  /// Whether an account's churn signals can be known, and how many are open.
  public func signals(of account: SandboxAccount) -> SignalTruth {
    if world.has(.salesforceVersion) { return .missing(.unavailable) }
    if world.has(.salesforcePicklists) { return .missing(.notConfigured) }
    let open: [OrgValue] = [.text("Active"), .text("Monitoring")]
    return .known(rows("Churn_Signal__c", of: account).count { open.contains($0["Status__c"] ?? .null) })
  }

  /// How many churn signals are open, or why that can't be known.
  public enum SignalTruth: Sendable, Equatable {
    case known(Int)
    case missing(MissingReason)
  }

  private func all(_ source: SandboxVendor, _ observation: Observation) -> [Metric: Observation] {
    Dictionary(uniqueKeysWithValues: source.metrics.map { ($0, observation) })
  }

  private static func mean(_ sum: Double, _ count: Int) -> Observation {
    count == 0 ? .missing(.noData) : .value(sum / Double(count))
  }

  // MARK: Intercom

  private func conversations(of account: SandboxAccount) -> [Metric: Observation] {
    if account.peculiarity == .justSigned { return configured(all(.intercom, .missing(.notMapped))) }
    if account.peculiarity == .unknownCompany { return configured(all(.intercom, .missing(.notFound))) }
    let month = world.period
    let window = month.start.seconds..<month.end.seconds
    // Conversations close within weeks, so that two months before what is measured are enough.
    let read = ((withTrends ? -8 : -2)...0).flatMap {
      FakeConversation.all(of: account, in: month.advanced(by: $0), world: world)
    }
    var truth = support(read, over: window)
    let isSpoiled = read.contains { $0.isOdd && window.contains($0.createdAt) }
    if isSpoiled { for metric in truth.keys { truth[metric] = .missing(.unavailable) } }
    // A conversation that began earlier and can't be read could have been closed this month.
    if !isSpoiled, read.contains(where: { $0.isOdd && ($0.closedAt.map(window.contains) ?? false) }) {
      truth[.medianResolution] = .missing(.unavailable)
    }
    if withTrends { truth.merge(trends(read, until: window.upperBound)) { $1 } }
    return configured(truth)
  }

  /// The changes over 30, 60 and 90 days against as many days before.
  private func trends(_ read: [FakeConversation], until end: Int64) -> [Metric: Observation] {
    let half = (end - 180 * 86_400)..<end
    let isSpoiled = read.contains { conversation in
      conversation.isOdd
        && (half.contains(conversation.createdAt) || (conversation.closedAt.map(half.contains) ?? false))
    }
    var truth: [Metric: Observation] = [:]
    for days in [30, 60, 90] {
      let length = Int64(days) * 86_400
      let now = support(read, over: (end - length)..<end)
      let before = support(read, over: (end - 2 * length)..<(end - length))
      for base in Metric.trendBases {
        guard let metric = base.trend(days: days) else { continue }
        truth[metric] = .missing(isSpoiled ? .unavailable : .noData)
        guard !isSpoiled, let value = now[base]?.value, let earlier = before[base]?.value else { continue }
        let isShare = [.p1p2, .escalation, .reopenRate, .csatScore, .csatResponseRate].contains(base)
        if isShare { truth[metric] = .value(value - earlier) }
        if !isShare, earlier != 0 { truth[metric] = .value((value / earlier - 1) * 100) }
      }
    }
    return truth
  }

  /// The metrics of conversations that began, or were last closed, within some time.
  private func support(_ read: [FakeConversation], over window: Range<Int64>) -> [Metric: Observation] {
    // If a bot opened a conversation, only its statistics tell whether the customer wrote.
    let isBots = world.has(.botOpened)
    func isCustomers(_ conversation: FakeConversation) -> Bool {
      conversation.isCustomerInitiated && (!isBots || conversation.hasStatistics)
    }
    let counted = read.filter { window.contains($0.createdAt) && isCustomers($0) }
    var truth: [Metric: Observation] = [:]
    for metric in SandboxVendor.intercom.metrics where !Metric.trends.contains(metric) {
      truth[metric] = .missing(.noData)
    }
    truth[.totalConversations] = .value(Double(counted.count))
    guard !counted.isEmpty else { return truth }
    func share(_ isIt: (FakeConversation) -> Bool) -> Observation {
      .value(Double(counted.filter(isIt).count) / Double(counted.count) * 100)
    }
    truth[.p1p2] = share { ["high", "urgent"].contains($0.priority) || $0.tag == "P1" }
    truth[.escalation] = share { $0.tag == "Escalated" }
    truth[.reopenRate] = share { $0.hasStatistics && $0.reopens > 0 }
    truth[.unanswered] = share { !$0.hasStatistics || $0.firstReply == nil }
    let rated = counted.compactMap(\.rating)
    truth[.csatScore] = Self.mean(Double(rated.reduce(0, +)), rated.count)
    truth[.csatResponseRate] = share { $0.rating != nil }
    truth[.medianFirstResponse] = Self.middle(
      counted.filter(\.hasStatistics).compactMap { $0.firstReply.map { Double($0) } })
    // From creation to the last close, if that is within the time. Creation may be earlier. All hours count.
    truth[.medianResolution] = Self.middle(
      read.filter { isCustomers($0) && $0.hasStatistics }.compactMap { conversation in
        conversation.closedAt.flatMap { window.contains($0) ? Double($0 - conversation.createdAt) : nil }
      })
    let withFin = counted.compactMap { conversation in conversation.fin.map { (conversation, $0) } }
    let resolved = withFin.count { conversation, fin in
      fin.state.hasSuffix("_resolution") && (!conversation.hasStatistics || conversation.firstReply == nil)
    }
    truth[.finDeflection] = Self.mean(Double(resolved) * 100, withFin.count)
    let finRatings = withFin.compactMap(\.1.rating)
    truth[.finCXScore] = Self.mean(Double(finRatings.reduce(0, +)), finRatings.count)
    return truth
  }

  private func configured(_ truth: [Metric: Observation]) -> [Metric: Observation] {
    var truth = truth
    // No text is read unless sources.yaml says so.
    truth[.negativeConversations] = .missing(.notConfigured)
    if !withTrends { for metric in Metric.trends { truth[metric] = .missing(.notConfigured) } }
    guard world.has(.tagsRenamed) else { return truth }
    for base in [Metric.p1p2, .escalation] {
      truth[base] = .missing(.notConfigured)
      for days in [30, 60, 90] { if let metric = base.trend(days: days) { truth[metric] = .missing(.notConfigured) } }
    }
    return truth
  }

  private static func middle(_ values: [Double]) -> Observation {
    guard !values.isEmpty else { return .missing(.noData) }
    let ordered = values.sorted()
    let (low, high) = (ordered[(ordered.count - 1) / 2], ordered[ordered.count / 2])
    return .value((low + high) / 2)
  }

  // MARK: Jira

  private func bugs(of account: SandboxAccount) -> [Metric: Observation] {
    var truth = bugsAsRead(of: account)
    if world.has(.jiraTranslated) { truth[.criticalBugs] = .missing(.notConfigured) }
    return truth
  }

  private func bugsAsRead(of account: SandboxAccount) -> [Metric: Observation] {
    switch account.peculiarity {
    case .noJira, .justSigned: return all(.jira, .missing(.notMapped))
    case _ where world.has(.jiraOtherType) && account.project == "DESK": return all(.jira, .missing(.notConfigured))
    case .unknownComponent:
      let isUnclear = world.has(.jiraProjectRefused) && account.project == "KEYS"
      return all(.jira, .missing(isUnclear ? .unavailable : .notFound))
    case _ where world.has(.jiraProjectRefused) && account.project == "KEYS":
      return all(.jira, .missing(.unavailable))
    default: break
    }
    let month = world.period
    let (start, end) = (month.start, month.end)
    // The slowest bugs take three months. The rest is for bugs that were reopened late.
    let found = (-6...0).flatMap { FakeIssue.all(of: account, in: month.advanced(by: $0), world: world) }
      .filter { $0.createdAt < end }
    if world.has(.jiraComponentsHidden), !found.contains(where: { isRead($0) }) {
      return all(.jira, .missing(.notFound))
    }
    func isIn(_ instant: Timestamp?) -> Bool { instant.map { $0 >= start && $0 < end } ?? false }
    let open = found.filter { bug in bug.resolvedAt.map { $0 >= end } ?? true }
    let resolved = found.filter { isIn($0.resolvedAt) }
    let days = resolved.reduce(0.0) { sum, bug in
      sum + Double((bug.resolvedAt?.milliseconds ?? 0) - bug.createdAt.milliseconds) / 86_400_000
    }
    var truth: [Metric: Observation] = [
      .openBugs: .value(Double(open.count)),
      .criticalBugs: .value(Double(open.count { ["Highest", "Critical"].contains($0.priority) })),
      .reopenedBugs: .value(Double(found.count { isIn($0.reopenedAt) })),
      .averageResolution: Self.mean(days, resolved.count),
      .bugTrend: .value(Double(found.count { isIn($0.createdAt) }) / Double(max(1, resolved.count))),
    ]
    if found.contains(where: { $0.isOdd(world) && isRead($0) }) {
      for metric in [Metric.openBugs, .criticalBugs, .averageResolution, .bugTrend] {
        truth[metric] = .missing(.unavailable)
      }
    }
    return truth
  }

  /// Whether a bug counts for the month: it is open, or was created or resolved two days before the month or later.
  private func isRead(_ bug: FakeIssue) -> Bool {
    let since = world.period.start.advanced(byDays: -2)
    return bug.createdAt >= since || (bug.resolvedAt.map { $0 >= since } ?? true)
  }

  // MARK: Looker

  private func looker(_ account: SandboxAccount) -> [Metric: Observation] {
    if [.noLooker, .justSigned].contains(account.peculiarity) { return all(.looker, .missing(.notMapped)) }
    let brand = account.brandID
    guard account.peculiarity != .unknownBrand else {
      // If a Look is cut off, it can't be known whether the brand exists.
      let isCapped = world.has(.lookerCapped)
      var truth = all(.looker, .missing(.notFound))
      if isCapped {
        for metric in Dimension.platformValue.metrics { truth[metric] = .missing(.noData) }
        for metric in [Metric.allinConversations, .automationActive] { truth[metric] = .missing(.unavailable) }
        for metric in Dimension.adoptionEngagement.metrics { truth[metric] = .missing(.noData) }
      }
      return truth
    }
    func number(_ look: String, _ field: String) -> Double? {
      if case .number(let number)? = looks[look]?[brand]?[field] { number } else { nil }
    }
    func percent(_ look: String, _ field: String) -> Observation {
      number(look, field).map { .value($0 * 100) } ?? .missing(.noData)
    }
    let bookings = number("171", "booking_summary.m_total_bookings")
    func perBooking(_ look: String, _ field: String, _ factor: Double) -> Observation {
      guard let visits = number(look, field), let bookings, bookings > 0 else { return .missing(.noData) }
      return .value(visits / bookings * factor)
    }
    let keys = [
      number("171", "booking_summary.m_perc_of_bookings_with_aw"),
      number("171", "booking_summary.m_perc_of_bookings_with_mk"),
    ]
    .compactMap { $0.map { $0 * 100 } }
    var truth: [Metric: Observation] = [
      .conversationsPerBooking: percent("171", "booking_summary.m_perc_of_bookings_with_messages"),
      .arrivalCIOL: percent("171", "booking_summary.m_perc_of_bookings_with_checkin"),
      .digitalKey: keys.isEmpty ? .missing(.noData) : .value(keys.reduce(0, +)),
      .allinConversations: percent("172", "allin_usage.percent_of_messages_with_allin"),
      .positiveSentiment: percent("173", "conversation_sentiment.percent_positive_conversations"),
      .automationActive: .value(looks["174"]?[brand] == nil ? 0 : 1),
      .responseBeforeTarget: percent("175", "conversation_items_union_new.percent_messages_within_target"),
      .pageVisitsPerBooking: perBooking("176", "rudder_active_users.dynamic_ranking_metric", 1),
      .itineraryBooking: perBooking("177", "recommends_main.logged_in_users_digi_it_m", 100),
    ]
    truth.merge(adoption(of: brand)) { $1 }
    for metric in unreadLooks(brand) { truth[metric] = .missing(.unavailable) }
    return truth
  }

  /// Metrics whose Looks have a form in this world that the product must refuse.
  private func unreadLooks(_ brand: String) -> [Metric] {
    var metrics: [Metric] = []
    if world.has(.lookerPivoted) {
      metrics.append(.allinConversations)
      if looks["174"]?[brand] != nil { metrics.append(.automationActive) }
    }
    if world.has(.lookerFormatted) {
      metrics += [
        .conversationsPerBooking, .arrivalCIOL, .digitalKey, .positiveSentiment, .itineraryBooking,
      ]
      // Numbers below 1,000 have no comma and can be read.
      let bookings = looks["171"]?[brand]?["booking_summary.m_total_bookings"]
      if case .number(let number)? = bookings, number >= 1000 {
        metrics.append(.pageVisitsPerBooking)
      } else {
        metrics.removeAll { $0 == .itineraryBooking }
      }
    }
    if world.has(.lookerPercent),
      case .number(let share)? = looks["175"]?[brand]?["conversation_items_union_new.percent_messages_within_target"],
      share * 100 > 1
    {
      metrics.append(.responseBeforeTarget)
    }
    if world.has(.lookerMonths) { metrics += [.platformScore, .platformScoreTrend] }
    if world.has(.lookerCapped) {
      if looks["172"]?[brand] == nil { metrics.append(.allinConversations) }
      if looks["174"]?[brand] == nil { metrics.append(.automationActive) }
    }
    return metrics
  }

  private func adoption(of brand: String) -> [Metric: Observation] {
    func number(_ back: Int, _ field: String) -> Double {
      if case .number(let number)? = usage[back]?[brand]?[field] { number } else { .nan }
    }
    let visits = [0, -1].map { number($0, "feature_usage.page_visits") / number($0, "feature_usage.arrivals") }
    return [
      .platformScore: .value(number(0, "platform_score.score")),
      .platformScoreTrend: .value(number(0, "platform_score.score") - number(-3, "platform_score.score")),
      .licenceUtilisation: .value(
        number(0, "license_usage.active_users") / number(0, "license_usage.licensed_users") * 100),
      .featureBreadth: .value(number(0, "feature_usage.feature_breadth") * 100),
      .pageVisitsPerArrival: .value(visits[0]),
      .pageVisitsTrend: .value((visits[0] - visits[1]) / visits[1] * 100),
    ]
  }

  // MARK: Salesforce

  private func rows(_ object: String, of account: SandboxAccount) -> [OrgTable.Row] {
    guard let table = tables[object] else { return [] }
    return table.rows.filter { $0[table.parent] == .text(account.salesforceID.description) }
  }

  private func salesforce(_ account: SandboxAccount) -> [Metric: Observation] {
    var truth = org(account)
    if world.has(.salesforceHidden) {
      for metric in [Metric.daysToRenewal, .contractChanges] { truth[metric] = .missing(.unavailable) }
    }
    if world.has(.salesforceTextAmounts) {
      for metric in [Metric.arrTrajectory, .tierAlignment] { truth[metric] = .missing(.unavailable) }
    }
    if world.has(.salesforcePicklists) {
      for metric in [Metric.daysToRenewal, .contractChanges, .paymentHealth] {
        truth[metric] = .missing(.notConfigured)
      }
    }
    if world.has(.salesforceVersion) { truth = all(.salesforce, .missing(.unavailable)) }
    for metric in [Metric.responsiveness, .executiveEngagement] { truth[metric] = .missing(.notConfigured) }
    return truth
  }

  private func org(_ account: SandboxAccount) -> [Metric: Observation] {
    let today = world.period.end.date
    let yearAgo = today.advanced(byMonths: -12)
    func date(_ row: OrgTable.Row, _ field: String) -> CalendarDate? {
      if case .text(let text)? = row[field] { Timestamp(iso8601: text)?.date } else { nil }
    }
    func isLastYear(_ row: OrgTable.Row, _ field: String) -> Bool {
      date(row, field).map { $0 >= yearAgo && $0 < today } ?? false
    }
    let opportunities = rows("Opportunity", of: account)
    let renewals = opportunities.filter { $0["Type"] == .text("Renewal") && $0["IsClosed"] == .flag(false) }
    let changes = opportunities.filter {
      [.text("Downgrade"), .text("Amendment")].contains($0["Type"]) && $0["IsWon"] == .flag(true)
        && isLastYear($0, "CloseDate")
    }
    let payments = rows("Payment_Record__c", of: account).filter { isLastYear($0, "Payment_Date__c") }
    let reviews = rows("Event", of: account).filter {
      isLastYear($0, "ActivityDate") && $0["IsChild"] == .flag(false) && $0["IsDeleted"] == .flag(false)
    }
    let champions = rows("AccountContactRelation", of: account).compactMap { date($0, "StartDate") }
    var trajectory = Observation.missing(.noData)
    if case .number(let then)? = rows("Account_History__c", of: account).first?["ARR__c"], then > 0 {
      trajectory = .value((account.arr - then) / then * 100)
    }
    let tier = rows("Account", of: account).first?["Success_Tier__c"]
    return [
      .daysToRenewal: renewals.compactMap { date($0, "CloseDate") }.min().map { .value(Double($0.day - today.day)) }
        ?? .missing(.noData),
      .contractChanges: .value(Double(changes.count)),
      .paymentHealth: payments.isEmpty
        ? .missing(.noData) : .value(Double(payments.count { $0["Status__c"] == .text("Failed") })),
      .arrTrajectory: trajectory,
      .tierAlignment: .value(account.arr > 200_000 && tier == .text("Standard") ? 1 : 0),
      .qbrAttendance: reviews.isEmpty
        ? .missing(.noData)
        : .value(Double(reviews.count { $0["Attended__c"] == .flag(true) }) / Double(reviews.count) * 100),
      .championStability: champions.max().map { .value(Double(today.day - $0.day)) } ?? .missing(.noData),
      .expansionSignals: .value(Double(rows("CSQL__c", of: account).count)),
    ]
  }
}

/// Whose fake knows a metric. Listed anew, so that a metric that the product gives to another source is noticed.
private enum SandboxVendor {
  case intercom, jira, looker, salesforce

  var metrics: [Metric] {
    switch self {
    case .intercom:
      [
        .totalConversations, .p1p2, .escalation, .reopenRate, .medianFirstResponse, .medianResolution, .csatScore,
        .csatResponseRate, .unanswered, .finDeflection, .finCXScore, .negativeConversations,
      ] + Metric.trends
    case .jira: [.openBugs, .criticalBugs, .reopenedBugs, .averageResolution, .bugTrend]
    case .looker: Dimension.adoptionEngagement.metrics + Dimension.platformValue.metrics
    case .salesforce: Dimension.financialContract.metrics + Dimension.relationshipExpansion.metrics
    }
  }
}
