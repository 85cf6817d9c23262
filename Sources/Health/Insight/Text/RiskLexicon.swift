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

  /// What people mostly say of each, beyond the more particular phrases.
  private static let generalWords: [(SuggestedSignal.Category, ChurnSignal.Severity, [String])] = {
    let deal =
      "contract|subscription|account|plan|agreement|service|licence|license|membership|partnership|cooperation|relationship"
    let rival =
      "vendor|vendors|supplier|suppliers|provider|providers|tool|tools|platform|platforms|solution|solutions|system|product|company"
    return [
      (
        .contract, .critical,
        [
          "want|wish|like|have|going|decided|intend|plan to ~1 cancel|terminate|quit|leave|end",
          "will ~2 cancel|terminate|quit|leave you|leave your",
          "stop|stopping|close|closing|deactivate|end|ending|quit|quitting ~3 \(deal)",
          "cancellation of ~2 \(deal)|licences|licenses",
          "non renewal", "leave|leaving your|the platform|service|product", "we are done|out with",
          "do not|don't want to continue|renew|extend",
          "withdraw|withdrawing from ~2 \(deal)", "exit the|our \(deal)", "notice to ~1 terminate|cancel|quit|leave",
          "wind|winding down ~3 \(deal)",
          "we have decided against", "our last month|invoice|year with you", "opt|opting out of ~2 renewal",
          "goodbye to your",
        ]
      ),
      (
        .contract, .moderate,
        [
          "might|may|could|would|probably ~1 cancel|leave|quit|terminate", "reconsider* ~4 \(deal)|you|options|this",
          "review* our \(deal)",
          "otherwise|else we|i ~2 leave|cancel|quit|stop|terminate|go", "unsure|undecided ~3 renew|extend|continue",
          "smaller plan|package|tier|contract",
          "fewer licences|licenses|seats|rooms|users", "downgrad* our|the|to",
          "think* ~2 leaving|cancelling|canceling|quitting|switching",
          "get out of ~2 \(deal)", "cancellation terms|deadline|period|fee", "termination clause|fee|period",
          "minimum term",
        ]
      ),
      (
        .contract, .watch,
        [
          "when does|is ~3 \(deal) ~2 expire|end|renew|up", "renewal terms|date|offer|options", "auto renew*|renewal",
          "renewing is",
        ]
      ),
      (
        .competitor, .critical,
        [
          "switch*|mov*|migrat*|chang* to ~2 another|other|different|new|competing ~1 \(rival)",
          "replac* ~2 your|you with|by", "chose|chosen|picked|selected ~3 instead",
          "we are going with", "signed ~3 other|another|different|new ~1 \(rival)",
        ]
      ),
      (
        .competitor, .moderate,
        [
          "competitor|competitors|rival|rivals ~5 offer*|cheaper|does|do|has|have|better|already|can",
          "another|other|different|alternative ~1 \(rival) ~6 offer*|cheaper|better|price|quote|half",
          "alternatives to you|your", "proposal|offer|quote|pitch ~2 from|by", "cheaper|better elsewhere",
          "someone|somebody else ~3 offer*|cheaper|better",
          "trial|trialling|trialing|testing|piloting ~2 another|other|alternative|competing",
          "look*|shop*|search* ~2 for ~2 alternatives|alternative|replacement|something else",
          "look* elsewhere", "in talks with", "on our shortlist", "switch* ~2 to ~1 another|them|theirs",
        ]
      ),
      (
        .competitor, .watch,
        [
          "how do you compare", "compare|compared|comparing to|with|against ~2 other|another|competitors",
          "approached by", "invited ~3 vendors|suppliers|providers",
          "another|other \(rival) ~3 demo|presentation|visit*", "market research", "what makes you different",
          "saw ~3 competitor|competitors|rival",
        ]
      ),
      (
        .budget, .critical,
        ["no ~2 budget|money ~4 next|left|anymore|you|this", "budget was|is|got ~1 cancelled|cut|removed|gone"]
      ),
      (
        .budget, .moderate,
        [
          "too costly|pricey|much money|dear",
          "price|prices|pricing|cost|costs|fee|fees|bill|invoice|rate ~5 too high|high|doubled|tripled|insane|crazy|absurd|steep|ridiculous",
          "reduce|lower|cut|halve|drop ~3 price|prices|pricing|cost|costs|fee|fees|bill|spend|spending|rate",
          "save|saving ~2 money|costs", "savings target*|programme|program|plan",
          "budget ~3 cut|reduced|shrunk|slashed|halved|tight|limited", "price increase|hike|rise",
          "out of ~2 budget|reach", "can not pay", "expensive for",
          "cost* more than", "pay ~2 less", "owner|owners|cfo|finance|controller ~6 cost*|price*|expens*|cut*|save",
          "tighten* ~2 belt*",
        ]
      ),
      (
        .budget, .watch,
        [
          "budget ~3 review|round|planning|season|next year", "cheaper plan|package|option|tier|rate",
          "special price|rate|offer", "spending ~2 review", "cost review",
          "return on investment", "value for ~1 money", "hiring freeze",
        ]
      ),
      (
        .productGap, .critical,
        [
          "without ~4 we ~1 leave|cancel|terminate|quit",
          "not support* ~6 so|therefore we ~3 leave|cancel|leaving|cancelling",
        ]
      ),
      (
        .productGap, .moderate,
        [
          "deal breaker", "must have ~4 for us", "too limited|simple|basic|primitive",
          "lack|lacks|lacking ~6 we|us|our", "unless ~2 you ~2 add|support|build|offer|deliver",
          "if ~6 not ~3 coming|come|supported|available|delivered|there", "need* ~6 otherwise|or else",
          "can not work without", "missing ~6 blocks|blocking|blocker|stop*",
          "does not fit|suit|scale|meet", "not fit for ~1 purpose", "not cover our", "falls short",
          "half of what we need", "blocker for us", "still no ~3 integration|api|export|sso|app|support",
          "promised ~4 feature|integration|api|release", "hits|hit its limits",
        ]
      ),
      (
        .productGap, .watch,
        [
          "feature ~1 request", "any plans|plan for|to ~2 support|add|build", "on ~2 your roadmap",
          "would love|like to see", "wish ~2 it|you could|had|supported", "workaround ~4 tedious|annoying|daily|every",
          "we are missing", "missing ~2 a|the ~2 for our",
        ]
      ),
      (
        .service, .critical,
        ["breach of ~1 contract|sla", "solicitor|lawyer|lawyers|attorney", "claim damages|compensation"]
      ),
      (
        .service, .moderate,
        [
          "nobody|no one ~3 answer*|repl*|respond*|help*|call*|cares",
          "no answer|reply|response|reaction ~3 for|since|in|after",
          "outage|outages|downtime ~5 again|week|month|third|second|fourth|every",
          "third|fourth|fifth|second|umpteenth ~1 time ~6", "wait* ~3 weeks|days|months ~5", "unacceptable",
          "escalat* ~4 management|ceo|director|manager|boss",
          "lost ~3 bookings|guests|revenue|money|business|customers",
          "cost us ~3 bookings|guests|revenue|money|business|customers",
          "support is|has|was ~4 terrible|awful|useless|bad|worse|hopeless|nonexistent|dead",
          "losing|lost ~1 patience|trust|confidence|faith",
          "refund|credit ~4 outage|downtime|days|hours", "can not rely|trust|depend", "not reliable|rely",
          "keeps ~1 crashing|failing|going|breaking|happening",
          "weeks ~3 without ~3 answer|reply|solution|fix|response",
          "last chance|straw", "at our wits", "the relationship", "no longer trust", "falling apart",
          "down for|since ~2 hours|days|morning|yesterday",
        ]
      ),
      (
        .service, .watch,
        [
          "support ~4 slow*|worse|declin*", "response times", "used to be better|faster",
          "service ~3 slipping|declin*|worse", "another account manager",
        ]
      ),
      (
        .engagement, .critical,
        [
          "do not use it|you|your ~2 any ~1 more|longer|anymore", "no longer use|using",
          "uninstalled|removed it|the from",
        ]
      ),
      (
        .engagement, .moderate,
        [
          "nobody|no one|none ~4 use|uses|using|touch*|open|opens|opened|log|logs|login",
          "stopped|quit ~1 using|logging", "not ~2 using|used|use ~4 anymore|months|weeks|since|lately|much",
          "never ~2 used|use|opened|adopted",
          "collecting dust", "unused|idle",
          "back to ~3 phone|paper|email|emails|excel|spreadsheet|spreadsheets|whatsapp|notebook|pen",
          "team|staff|crew|colleagues|receptionists ~4 ignore*|avoid*|refuse*|bypass*|forgot|dropped",
          "fell|fallen out of use", "adoption ~4 low|poor|zero|stalled|dropped",
          "hardly|barely|rarely|scarcely ~3 use|used|using|open|opened|touch*|log*",
        ]
      ),
      (
        .engagement, .watch,
        [
          "adoption|usage ~4 low*|drop*|down|help|increase|improve|boost",
          "get ~4 team|staff|colleagues ~3 use|using|back", "lost ~1 interest|momentum", "not a priority",
          "too busy to ~3 use|look|log",
          "less ~1 active|often|frequently", "only one|two of us", "remind ~3 team|staff",
        ]
      ),
      (.championChange, .critical, []),
      (
        .championChange, .moderate,
        [
          "new owner|owners|ownership|management|gm|ceo|cfo|cio|cto|director|boss|leadership|chain|group ~6",
          "acquired|bought|sold|taken over by|to ~3 group|chain|investor|fund", "restructur*|reorgani*|merger|merged",
          "only person|one who ~6 leaving|left|leaves|quit|gone", "replaced ~3 manager|director|team|department",
          "champion|sponsor ~4 left|leaves|leaving|gone|quit|moved",
        ]
      ),
      (
        .championChange, .watch,
        [
          "leav* ~2 the|our|this company|hotel|team|group|resort|business|organisation|organization",
          "no longer ~2 with us|works|work|here|employed|part",
          "new ~2 contact|manager|director|head|lead|colleague|supervisor ~4",
          "my replacement|successor|last week|last month|notice", "hand* over", "handover",
          "tak* over ~3 role|position|from|her|his|account",
          "mov* ~3 another|different|new role|position|department|job|property", "new job|role|position",
          "resigned|resignation|retired|retirement", "last working day", "parental|sick leave", "sabbatical",
          "who is ~3 our account ~1 manager|owner", "introduce ~4 new ~2 manager|director|head|colleague|gm",
          "stepping|stepped down as", "promoted to", "left us|in may|in june|last",
        ]
      ),
    ]
  }()

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
