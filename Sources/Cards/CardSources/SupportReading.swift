import CardModel
import Formats
import Time

/// Reply times as cards have them, whichever help desk they come from. Pure.
struct SupportReading {
  /// Seconds until the first reply of each case that got it within the window.
  var replies: [Int64] = []
  /// When each case that still waits began; nil where that is not known.
  var waiting: [Timestamp]?
  /// Cases that count and have no time that can be read.
  var unreadable = 0

  func reading(_ context: CardContext) throws -> CardReading {
    let text = context.text(.hours)
    func hours(_ seconds: Int64) -> Rational { Rational(Int128(seconds), over: 3600) ?? .zero }
    let summary = try NumberSummary(replies.map(hours))
    let oldest = waiting?.min().map { hours((context.now.milliseconds - $0.milliseconds) / 1000) }
    let breakdown: [CardRecord.Entry] = [
      .init("median hours", try summary.map { try text.value($0.median) }),
      .init("p90 hours", try summary.map { try text.value($0.p90) }), .init("answered", "\(replies.count)"),
      .init("still waiting", waiting.map { "\($0.count)" }),
      .init("oldest wait, hours", try oldest.map { try text.value($0) }),
    ]
    guard let summary else {
      return .noData("no first reply in the last \(context.settings.windows.recent) days", breakdown: breakdown)
    }
    var reading = CardReading(summary.mean, isQuotient: true, asOf: context.recent.end, breakdown: breakdown)
    if waiting == nil { reading.warnings.append("how many customers still wait could not be read") }
    if unreadable > 0 { reading.makePartial("\(unreadable) cases have no reply time that can be read") }
    return reading
  }
}
