import Formats
import HealthModel
import Insight
import TestSupport
import Testing

/// The lexicon on messages that were labelled before it was written. The held-back half is for measuring only.
@Suite struct TextTests {
  struct Measure: CustomStringConvertible {
    var hits = 0
    var mistakes = 0
    var missed = 0

    var precision: Double { Double(hits) / Double(max(1, hits + mistakes)) }
    var recall: Double { Double(hits) / Double(max(1, hits + missed)) }

    mutating func add(found: Bool, expected: Bool) {
      if found && expected { hits += 1 }
      if found && !expected { mistakes += 1 }
      if !found && expected { missed += 1 }
    }

    var description: String { "precision \(precision), recall \(recall)" }
  }

  private func measures(_ file: String) throws -> (tone: Measure, signal: Measure, category: Measure) {
    var (tone, signal, category) = (Measure(), Measure(), Measure())
    for row in CSV.rows(try Shipped.fixture("text/\(file).csv")) {
      let found = ConversationTone(html: row["text"] ?? "")
      tone.add(found: found.isNegative, expected: row["sentiment"] == "negative")
      signal.add(found: found.suggestion != nil, expected: row["category"] != "")
      let isRight = found.suggestion?.category.rawValue == row["category"]
      if found.suggestion != nil { category.add(found: true, expected: isRight) }
      if !isRight, row["category"] != "" { category.add(found: false, expected: true) }
    }
    return (tone, signal, category)
  }

  @Test func theDevelopmentHalf() throws {
    let found = try measures("development")
    #expect(found.tone.precision > 0.9 && found.tone.recall > 0.85, "\(found.tone)")
    #expect(found.signal.precision > 0.9 && found.category.recall > 0.9, "\(found.signal), \(found.category)")
  }

  @Test func theHeldBackHalf() throws {
    let found = try measures("held-back")
    #expect(found.tone.precision > 0.85 && found.tone.recall > 0.4, "\(found.tone)")
    #expect(found.signal.precision > 0.8 && found.signal.recall > 0.25, "\(found.signal)")
    #expect(found.category.precision > 0.75, "\(found.category)")
  }

  @Test(arguments: [
    "Please cancel my ticket, solved.", "How do I cancel a guest's reservation?", "We are not going to cancel.",
    "The competitor analysis template is gone from the folder.", "Where can I change the contract type of a supplier?",
  ]) func harmlessUsesSuggestNothing(_ text: String) {
    #expect(ConversationTone(text: text).suggestion == nil)
  }

  @Test(arguments: [
    (
      "<p>Please cancel our subscription &ndash; we&#39;ve had enough.</p>", SuggestedSignal.Category.contract,
      ChurnSignal.Severity.critical
    ),
    ("We won't renew next year.", .contract, .critical), ("Nobody here uses it anymore.", .engagement, .moderate),
    ("It's too expensive for us.", .budget, .moderate),
  ]) func hintsAreNamed(_ text: String, _ category: SuggestedSignal.Category, _ severity: ChurnSignal.Severity) {
    let found = ConversationTone(html: text).suggestion
    #expect(found?.category == category && found?.severity == severity, "\(found.map { "\($0)" } ?? "nothing")")
  }

  @Test(arguments: [
    ("Not happy at all.", true), ("I wasn't disappointed.", false), ("Can't complain, all good.", false),
    ("Great, another outage. Just what we needed.", true), ("Great, thank you!", false), ("", false),
  ]) func negationAndMockery(_ text: String, _ isNegative: Bool) {
    #expect(ConversationTone(text: text).isNegative == isNegative)
  }
}
