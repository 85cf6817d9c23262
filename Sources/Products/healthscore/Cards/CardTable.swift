import CardJob
import CardModel
import Formats
import Foundation
import Time

/// Cards as text for the terminal: what each is worth, whether it meets its target, and how far it can be trusted.
struct CardTable {
  private let cards: [CardRecord]
  private let now: Timestamp
  private let hasSparklines: Bool

  /// - Parameter tab: Only cards of that page; nil for all.
  init(_ cards: [CardRecord], tab: CardTab? = nil, now: Timestamp, hasSparklines: Bool = Self.canShowSparklines) {
    self.cards = cards.filter { card in tab.map(card.tabs.contains) ?? true }
    self.now = now
    self.hasSparklines = hasSparklines
  }

  /// Whether the terminal's locale has the characters.
  private static var canShowSparklines: Bool {
    let environment = ProcessInfo.processInfo.environment
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    return locale.map { $0.uppercased().contains("UTF-8") || $0.uppercased().contains("UTF8") } ?? false
  }

  var text: String {
    let header = ["CARD", "VALUE", "TARGET", "STATE", "CHANGE", "30 DAYS", "AS OF"]
    let groups = Dictionary(grouping: cards) { $0.tabs.map(\.rawValue).joined(separator: ", ") }
    let names = cards.map { $0.tabs.map(\.rawValue).joined(separator: ", ") }
    let order = names.indices.filter { names.firstIndex(of: names[$0]) == $0 }.map { names[$0] }
    var rows: [[String]] = []
    var positions: [Int: String] = [:]
    for name in order {
      positions[rows.count] = name
      rows += (groups[name] ?? []).map(row)
    }
    let table = TextTable(header, rows, rightAligned: [1])
    var lines = [table.lines[0]]
    for (index, line) in table.lines.dropFirst().enumerated() {
      if let name = positions[index] { lines.append("\(name)") }
      lines.append(line)
    }
    let notes = cards.flatMap(notes)
    if !notes.isEmpty { lines += [""] + notes }
    return lines.map { $0.withoutControlCharacters.trimmedEnd }.joined(separator: "\n")
  }

  private func row(_ card: CardRecord) -> [String] {
    let target = card.target.map { "\(card.targetStatus.rawValue), \($0.words)" } ?? "–"
    let change = card.delta.map { delta in
      "\(Self.signed(delta.percent.map { "\(Self.short($0))%" } ?? delta.absolute))"
    }
    return [
      "  \(card.label)", card.display, target, card.state.rawValue.replacing("_", with: " "), change ?? "",
      hasSparklines ? Self.sparkline(card) : "", card.asOf.map { Self.age($0, now: now) } ?? "",
    ]
  }

  private func notes(_ card: CardRecord) -> [String] {
    var notes: [String] = []
    if let reason = card.reason {
      notes.append("  \(card.label): \(card.state.rawValue.replacing("_", with: " ")): \(reason)")
    }
    notes += card.warnings.map { "  \(card.label): \($0)" }
    return notes
  }

  private static func signed(_ text: String) -> String { text.hasPrefix("-") ? text : "+\(text)" }

  /// One decimal is enough to read.
  private static func short(_ percent: String) -> String {
    Rational(decimal: percent)?.text(decimals: 1...1) ?? percent
  }

  private static func age(_ instant: Timestamp, now: Timestamp) -> String {
    let minutes = (now.milliseconds - instant.milliseconds) / 60_000
    switch minutes {
    case ..<2: return "now"
    case ..<120: return "\(minutes) min ago"
    case ..<2880: return "\(minutes / 60) h ago"
    default: return "\(minutes / 1440) d ago"
    }
  }

  /// A character a day, higher where the value is.
  private static func sparkline(_ card: CardRecord) -> String {
    var values = card.history.compactMap { Double($0.value) }
    if card.state.isGood, let value = card.value.flatMap({ Double($0) }) { values.append(value) }
    guard values.count > 1, let low = values.min(), let high = values.max() else { return "" }
    let bars = Array("▁▂▃▄▅▆▇█")
    return String(
      values.suffix(30).map { value in
        high > low ? bars[Int(((value - low) / (high - low) * 7).rounded())] : bars[3]
      })
  }
}

extension String {
  fileprivate var trimmedEnd: String {
    var text = self
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}

/// An answer of the business metrics as text for the terminal.
struct CardAnswerTable {
  private let answer: BusinessMetricsAnswer
  private let now: Timestamp

  init(_ answer: BusinessMetricsAnswer, now: Timestamp = TimeSource.system.now) {
    self.answer = answer
    self.now = now
  }

  var text: String {
    let counts = CardState.allCases.compactMap { state in
      answer.counts[state.rawValue].map { "\($0) \(state.rawValue.replacing("_", with: " "))" }
    }
    var lines = [
      "\(answer.job) \(answer.date)\(answer.dryRun ? ", dry run" : ""): \(answer.status.rawValue) (\(counts.joined(separator: ", ")))",
      "", CardTable(answer.cards, now: now).text, "",
    ]
    for (name, report) in answer.sources.sorted(by: { $0.key < $1.key }) {
      let retries = report.retries > 0 ? ", \(report.retries) retries" : ""
      let requests = report.requests > 0 ? ", \(report.requests) requests\(retries), \(report.seconds) s" : ""
      lines.append("  \(name): \(report.status.rawValue)\(requests)")
    }
    let shown = Set(answer.cards.flatMap { $0.warnings + [$0.reason].compactMap(\.self) })
    for warning in answer.warnings where !shown.contains(warning) { lines.append("  warning: \(warning)") }
    if let csv = answer.csv { lines.append("  csv: \(csv)") }
    lines.append("  took \(answer.durationSeconds) s, run \(answer.runID)")
    return lines.map { line in
      line.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).withoutControlCharacters }
        .joined(separator: "\n")
    }.joined(separator: "\n")
  }
}
