import HealthModel

/// Phrases that hint at a churn signal. The lists are written for this product.
struct RiskLexicon: Sendable {
  static let shipped = RiskLexicon()

  private struct Hint: Sendable {
    /// Its place in the lists, which decides between equally severe ones.
    var position = 0
    let category: SuggestedSignal.Category
    let severity: ChurnSignal.Severity
    /// Whether a `not` before it takes it away.
    let isNegatable: Bool
  }

  private let hints: PhraseIndex<Hint>
  /// Harmless meanings of the same words; a hint that overlaps one counts for nothing.
  private let harmless: PhraseIndex<Void>

  private init() {
    var entries: [(String, Hint)] = []
    func add(
      _ category: SuggestedSignal.Category, _ severity: ChurnSignal.Severity, _ phrases: [String],
      isNegatable: Bool = true
    ) {
      for phrase in phrases {
        entries.append(
          (
            phrase,
            Hint(position: entries.count, category: category, severity: severity, isNegatable: isNegatable)
          ))
      }
    }
    let deal = "contract|subscription|account|plan|agreement|service|licence|license|licenses|membership|deal"
    add(
      .contract, .critical,
      [
        "cancel* ~3 \(deal)", "terminat* ~3 \(deal)|agreement", "discontinu* ~4 \(deal)|platform|product",
        "end|ending ~2 \(deal)", "give|giving|gave|send|sending ~2 notice", "formal notice",
        "notice of termination|cancellation",
        "unsubscribe ~4 plan|hotel|guesthouse|property|account", "rescind ~2 \(deal)", "cancellation effective",
        "we leave", "we are leaving", "we will leave|go", "lose|lost a customer", "cancelled in writing",
        "pull|pulling out", "closing the hotel|property ~1 for good", "parting ways", "part ways",
        "switch|switching off your ~2", "shut|close down our ~2 account", "close our|my account",
        "decided to leave|stop|quit|cancel|end", "decision to leave|stop|quit|cancel|end|terminate",
      ])
    add(
      .contract, .critical,
      [
        "not ~3 renew", "not ~2 renewing", "not be ~1 continuing|renewing|extending",
        "not continue ~3 next|beyond|past|after|with",
        "not extend*", "renewal ~5 declined|rejected|refused", "declin* ~3 renewal", "voted to ~2",
        "no longer need|require|want your",
        "will not be continuing",
      ], isNegatable: false)
    add(
      .contract, .moderate,
      [
        "consider* ~3 ending|cancelling|canceling|leaving|stepping|terminating|downgrad*",
        "think* ~2 not ~2 extending|renewing|continuing",
        "think* about ~2 leaving|cancelling|canceling|ending|stopping", "notice period", "early exit|termination",
        "exit clause",
        "end the deal|contract ~2 early", "downgrad* ~4 plan|subscription|tier|starter|basic|contract|package",
        "stepping down from", "cancel button ~3 week", "hovering over the cancel", "or i am ~2 pulling",
        "off the contract",
        "let it go", "reduce ~3 licences|licenses|seats|rooms",
      ])
    add(.contract, .moderate, ["not sure ~4 renew*|extend*|continue*"], isNegatable: false)
    add(
      .contract, .watch,
      [
        "pause ~3 subscription|contract|account|service|plan", "agreement|contract|subscription is up",
        "renewal ~3 coming|due|decide*",
        "not decided anything|yet ~4",
      ], isNegatable: false)

    let rival = "another|other|different|new|alternative|competing|rival"
    add(
      .competitor, .critical,
      [
        "signed with", "go|going live with", "replac* you", "replacing your",
        "moving|move|moved|switch*|migrat* to \(rival) ~1 vendor|supplier|provider|tool|platform|system",
        "new supplier|vendor|provider ~4 replac*",
        "chose|chosen|picked ~2 \(rival) ~1 vendor|supplier|provider|tool|platform",
        "going with \(rival) ~1 vendor|supplier|provider|tool|platform",
      ])
    add(
      .competitor, .moderate,
      [
        "quote from", "offer ~4 from somebody|someone|another|competitor|other", "your rivals|competitors|competition",
        "pilot with ~2 them|another|other", "trial* ~2 another|other|alternative", "finalists", "best and final",
        "evaluat* ~3 vendors|suppliers|providers|alternatives|options|tools",
        "looking at ~2 alternatives|vendors|competitors|providers",
        "go back to it", "cheaper \(rival)|alternative|provider|vendor|tool", "own messaging module",
        "match it|their|this price|offer",
        "has had this|it working", "for the same money", "shortlist*",
      ])
    add(
      .competitor, .watch,
      [
        "demo of another|other|a", "comparison matrix|of", "shopping around",
        "compar* ~3 suppliers|vendors|providers|tools",
        "\(rival) vendor|supplier|provider", "market overview", "tender", "rfp",
      ])

    add(
      .budget, .critical,
      [
        "budget ~8 your line is not", "line is not in it", "no budget ~3 left|anymore|next year",
        "budget ~4 cut ~3 cancel*",
      ], isNegatable: false)
    add(
      .budget, .moderate,
      [
        "too expensive", "cut* costs|budget|spending", "cost cutting", "price ~3 come|comes|go|goes down",
        "smaller ~2 budget",
        "overpriced", "charges tripled|doubled", "made of money", "per room|month|user", "more than our ~2 bill",
        "get us under", "price increase ~4 not", "under|below ~2 euros|dollars|pounds",
      ])
    add(.budget, .moderate, ["not afford", "not worth it", "can not justify", "not justify"], isNegatable: false)
    add(
      .budget, .watch,
      [
        "frozen ~3 spending", "freez* ~3 spending|budget", "justify ~4 euro|cost|costs|spend|price", "money is tight",
        "tight budget",
        "discount", "roi numbers|figures", "paying annually",
      ])

    add(
      .productGap, .critical, ["never going to be supported", "phasing your|you ~2 out", "phase your|you ~2 out"],
      isNegatable: false)
    add(
      .productGap, .moderate,
      [
        "too basic", "outgrew|outgrown", "rethink", "pull the plug", "block the app", "data model does not fit",
        "is a must",
        "main reason we|i signed", "giving up on", "is half product", "not right for us", "not sure it is right",
        "dealbreaker",
        "deal breaker", "showstopper", "got pushed again", "not an option",
      ], isNegatable: false)
    add(
      .productGap, .watch,
      [
        "losing|loosing bookings ~3 of it", "would be nice to get|have", "colleagues are grumbling",
        "our guests expect it",
        "on ~1 roadmap", "is ~5 planned",
      ])

    add(.service, .critical, ["our lawyers", "legal action", "sla breach"])
    add(
      .service, .moderate,
      [
        "patience is gone", "out of patience", "can not go on", "draw the consequences", "hanging by a thread",
        "see how long we stay",
        "how long should we", "stay patient", "down again", "ticket open for", "outages in",
        "speak with|to your boss|manager|ceo",
        "the sla says", "not accept ~8", "deleted our", "sync fail", "zero answers", "no loyalty", "loyalty card",
        "every day same", "never this bad", "lost ~2 trust|faith|confidence",
      ], isNegatable: false)
    add(
      .service, .watch, ["gone downhill", "closing my ticket without", "miss talking to a human", "support ~3 worse"])

    add(.engagement, .critical, ["abandoned it", "stay that way", "nobody will use"], isNegatable: false)
    add(
      .engagement, .moderate,
      [
        "stopped using", "nobody ~4 logged|uses|opens", "no one ~4 logged|uses|opens", "not one soul",
        "barely used|use",
        "gathers|gathering dust", "never turned it back|on", "switched ~2 off months ago", "not ~2 pick it up",
        "hardly use|used|anyone",
        "staff hate|hates|refuse*", "has not|have not ~1 used|logged",
      ], isNegatable: false)
    add(
      .engagement, .watch,
      [
        "gone back to ~1 paper|notes|email|phone|whatsapp", "slipped down our list", "not bothering with",
        "back on board", "refresher training",
        "usage ~3 down|dropped|low",
      ], isNegatable: false)

    add(.championChange, .critical, ["decided to bring ~2 own", "my role ~6 ends"])
    add(
      .championChange, .moderate,
      [
        "new gm|ceo|cto|owner|owners|ownership|director|boss|management ~8 review*|decid*|question*|every|all",
        "champion quits|quit|left|leaves",
        "retire* ~6 nobody", "new ownership", "different it lead", "wants to question everything",
        "head of ~4 should our new",
        "should our new head",
      ])
    add(
      .championChange, .watch,
      [
        "maternity|paternity|parental leave", "has left the company", "left the company", "my last day", "last day at",
        "i leave the hotel|company",
        "have resigned", "has resigned", "is leaving us", "primary|main contact", "taking over from", "took over from",
        "incoming ~2 director|manager|head", "i inherited", "retire|retires|retiring", "my successor", "steps in",
      ])
    for (category, severity, phrases) in Self.generalWords { add(category, severity, phrases) }
    hints = PhraseIndex(entries)
    let harmless = [
      "cancel ~2 ticket|reservation|booking|order|appointment|meeting|invitation|message|request|campaign",
      "cancellation policy",
      "cancel* ~2 guest|guest's|reservations|bookings", "guest cancels|cancelled",
      "cancel button ~4 widget|booking|red",
      "leave request*", "leave the ~3 template|page|field|setting", "left the page", "terminate the test|session",
      "terminated by the ota", "downgrade a room", "end a conversation", "end of stay", "contract type", "budget field",
      "competitor analysis", "we renewed", "not ~2 intend* to leave", "not going to cancel", "renew my password",
      "not ~1 stop using", "minibar is too expensive", "unsubscribed from the newsletter", "leaving the office",
      "no worries", "switch* the language", "without thinking twice", "sent that by mistake", "comparison of rooms",
      "guest ~4 too expensive", "not unhappy",
    ]
    self.harmless = PhraseIndex(harmless.map { ($0, ()) })
  }

  /// The most severe hint; of equally severe ones the first of the lists.
  func suggestion(_ words: MessageWords) -> ConversationTone.Suggestion? {
    let tokens = words.tokens
    let excused = harmless.matches(in: tokens).map(\.range)
    var found: Hint?
    for match in hints.matches(in: tokens) {
      let hint = match.meaning
      guard found.map({ (hint.severity, $0.position) > ($0.severity, hint.position) }) ?? true,
        !excused.contains(where: { $0.overlaps(match.range) }),
        !(hint.isNegatable && isNegated(match.range, tokens))
      else { continue }
      found = hint
    }
    return found.map { .init(category: $0.category, severity: $0.severity) }
  }

  /// Whether one of the three words before says no, in the same clause.
  private func isNegated(_ match: Range<Int>, _ tokens: [String]) -> Bool {
    for index in stride(from: match.lowerBound - 1, through: max(0, match.lowerBound - 3), by: -1) {
      let token = tokens[index]
      if token == MessageWords.end || token == "," { return false }
      if ["not", "never", "no", "without"].contains(token) { return true }
    }
    return false
  }
}
