import HealthModel
import Scoring
import TestSupport
import Time

@testable import Insight

/// Numbers that are the same in every run.
struct Dice: RandomNumberGenerator {
  private var generator: SeededGenerator

  init(_ seed: Int) { generator = SeededGenerator(seed: UInt64(bitPattern: Int64(seed)) &+ 1) }

  mutating func next() -> UInt64 { generator.next() }

  mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }
}

/// Believable accounts and changed models, made by dice.
struct RandomBook {
  let shipped: ScoringModel
  private let asOf = Period(year: 2026, month: 10).end

  init() throws { shipped = try ScoringModel(Shipped.files()) }

  func account(_ index: Int, _ dice: inout Dice) -> AccountSnapshot {
    var observations = Observations()
    let rates: [Double] = [0, 0.1, 0.4, 0.8]
    let missing = rates.randomElement(using: &dice) ?? 0
    for entry in shipped.dimensions.flatMap(\.metrics) {
      observations[entry.metric] = observation(entry, missing, &dice)
    }
    let links = AccountLinks(
      salesforceID: "00100000000000\(index)", intercomCompanyID: "c\(index)", lookerCustomerID: "l\(index)",
      jiraProject: "SUP", jiraComponent: "component \(index)", segment: dice.chance(0.5) ? .paid : nil)
    return AccountSnapshot(
      accountID: "account \(index)", accountName: "Sample \(index)", segment: dice.chance(0.5) ? .paid : .standard,
      asOf: asOf, observations: observations,
      signals: dice.chance(0.1)
        ? .missing(.unavailable) : .known((0..<Int.random(in: 0...3, using: &dice)).map { _ in signal(&dice) }),
      arr: dice.chance(0.9) ? Double.random(in: 1e4...1e6, using: &dice).rounded() : nil,
      renewalDate: asOf.date.advanced(byDays: Int.random(in: -30...300, using: &dice)), mapping: links)
  }

  private func observation(
    _ entry: ScoringModel.WeightedMetric, _ missing: Double, _ dice: inout Dice
  ) -> Observation {
    if dice.chance(missing) { return .missing(MissingReason.allCases.randomElement(using: &dice) ?? .noData) }
    let marks = entry.paid
    let spread = (marks.red - marks.green) * 1.4
    let value = marks.green - spread * 0.2 + spread * Double.random(in: 0..<1, using: &dice)
    let isWhole = entry.metric.unit == .count || entry.metric.unit == .flag
    return .value(isWhole ? max(0, value.rounded()) : value)
  }

  private func signal(_ dice: inout Dice) -> ChurnSignal {
    ChurnSignal(
      severity: [.watch, .moderate, .critical].randomElement(using: &dice) ?? .watch,
      confidence: dice.chance(0.4) ? "Confirmed" : "Suspected",
      status: ["Active", "active ", "Monitoring", "Closed"].randomElement(using: &dice),
      observed: dice.chance(0.1) ? nil : asOf.date.advanced(byDays: Int.random(in: -120...3, using: &dice)))
  }

  /// The same account a month later: some values, ids, signals or the segment are others.
  func later(_ account: AccountSnapshot, _ dice: inout Dice) -> AccountSnapshot {
    var later = account
    later.asOf = asOf.advanced(byDays: 31)
    for entry in shipped.dimensions.flatMap(\.metrics) where dice.chance(0.3) {
      later.observations[entry.metric] = observation(entry, 0.2, &dice)
    }
    if dice.chance(0.2) { later.mapping?.intercomCompanyID = "moved" }
    if dice.chance(0.2) { later.mapping?.jiraComponent = "moved" }
    if dice.chance(0.1) { later.segment = account.segment == .paid ? .standard : .paid }
    if dice.chance(0.3) { later.signals = .known([signal(&dice), signal(&dice)]) }
    return later
  }

  /// Other weights, thresholds, tiers, coverage limits and caps.
  func model(_ dice: inout Dice) -> ScoringModel {
    var model = shipped
    guard dice.chance(0.8) else { return model }
    model.churnRiskWeight = Double.random(in: 0.2...0.8, using: &dice)
    model.platformValueWeight = 1 - model.churnRiskWeight
    for index in model.dimensions.indices {
      if dice.chance(0.2), model.dimensions[index].metrics.count > 6 { model.dimensions[index].metrics.removeLast() }
      let raw = model.dimensions[index].metrics.map { _ in Double.random(in: 0.1...1, using: &dice) }
      let sum = raw.reduce(0, +)
      for (position, weight) in raw.enumerated() {
        model.dimensions[index].metrics[position].weight = weight / sum
        if dice.chance(0.2) {
          model.dimensions[index].metrics[position].paid.yellow = shipped.dimensions[index].metrics[position].paid.green
        }
        if dice.chance(0.2) { model.dimensions[index].metrics[position].isMovable = false }
      }
    }
    model.tiers.healthy = Double(Int.random(in: 65...85, using: &dice))
    model.coverage.minimum = Double(Int.random(in: 0...60, using: &dice))
    model.qualitative.moderateDays = dice.chance(0.3) ? nil : Int.random(in: 10...100, using: &dice)
    for index in model.qualitative.rules.indices { model.qualitative.rules[index].cap += dice.chance(0.5) ? 3 : 0 }
    return model
  }
}
