import CardModel
import ConfigurationReading
import Formats

/// A `targets.yaml` or `targets.json`: `card: { operator: ">=", value: 30 }` for each card that has a target.
struct TargetsFile {
  static let name = "targets.yaml"
  /// JSON is YAML.
  static let names = [name, "targets.json"]

  let targets: CardTargets
  /// One line each: where, what, and what was expected.
  let problems: [String]

  /// - Parameters:
  ///   - bytes: Nil where the file can't be read.
  ///   - name: As it stands in messages.
  init(_ bytes: [UInt8]?, name: String) {
    let reader = ConfigurationReader(file: name)
    guard let document = reader.document(bytes) else {
      targets = CardTargets(unknown: Set(CardID.allCases))
      problems = reader.sortedProblems.map(\.description)
      return
    }
    var found: [CardID: CardTarget] = [:]
    var unknown: Set<CardID> = []
    for card in CardID.allCases {
      guard let field = document.optional(card.rawValue) else { continue }
      let before = reader.problems.count
      let target = field.section { section -> CardTarget? in
        let operation = section.required("operator").choice(CardTarget.Operator.self)
        let value = section.required("value")
        let text = value.text()
        guard let target = CardTarget(operation, text) else {
          if !text.isEmpty { value.note("expected a decimal number, such as 500000") }
          return nil
        }
        return target
      }
      if reader.problems.count == before, let target { found[card] = target } else { unknown.insert(card) }
    }
    document.close()
    targets = CardTargets(found, unknown: unknown)
    problems = reader.sortedProblems.map(\.description)
  }
}
