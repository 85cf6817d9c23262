import HealthModel

extension RiskLexicon {
  /// What people mostly say of each, beyond the more particular phrases.
  static let generalWords: [(SuggestedSignal.Category, ChurnSignal.Severity, [String])] = {
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
}
