/// Words that say how somebody feels, and what turns them around. The lists are written for this product.
struct ToneLexicon: Sendable {
  static let shipped = ToneLexicon()

  /// From here on a message is negative.
  private static let limit = -1.0
  /// How many words before it a negation reaches.
  private static let reach = 3

  private let negators: Set<String> = [
    "not", "no", "never", "without", "nobody", "nothing", "neither", "nor", "hardly", "barely", "isnt", "less",
  ]
  /// Words that a negation does not turn into praise: `no idea` is no complaint.
  private let amplifiers: [String: Double] = [
    "very": 1.4, "really": 1.3, "so": 1.2, "extremely": 1.6, "totally": 1.4, "absolutely": 1.4, "completely": 1.4,
    "utterly": 1.6, "at": 1, "genuinely": 1.2, "simply": 1.2, "slightly": 0.5, "bit": 0.5, "somewhat": 0.5,
    "little": 0.6, "quite": 1, "clearly": 1.2, "truly": 1.3,
  ]
  private let weights: [String: Double]
  private let phrases: PhraseIndex<Double>
  /// Praise that, beside a mishap, is meant the other way round.
  private let mockPraise: PhraseIndex<Void>
  private let mishaps: PhraseIndex<Void>

  private init() {
    var weights: [String: Double] = [:]
    func add(_ weight: Double, _ words: String) {
      for word in words.split(separator: " ") { weights[String(word)] = weight }
    }
    add(-2, "terrible horrible awful unacceptable outrageous disgraceful shameful useless appalling atrocious dreadful")
    add(-2, "unbelievable ridiculous pathetic furious angry fed hate hates hated worst garbage rubbish joke scandal")
    add(
      -2,
      "incompetent unsatisfied dissatisfied unhappy disappointed disappointing disappointment frustrating frustrated")
    add(-2, "frustration rude insulting insulted shame annoyed annoying infuriating nightmare disaster abysmal livid")
    add(-1.2, "ugly confusing clunky ignored lied lie crying mess toy poor bad worse badly broken unreliable excuses")
    add(
      -1.2, "sick tired upset complaint complaining complain blamed waste wasted embarrassing embarrassed patience mad")
    add(-1.2, "misfire overpriced impossible failing fail fails failed unprofessional sloppy lousy painful stupid")
    add(-0.6, "slow again wrong missing problem problems issue issues outage outages down lost empty expensive charges")
    add(-0.6, "stopped refuse refused late delay delayed delays waiting still error errors lose losing")
    add(
      -2,
      "laughable absurd dismal unusable horrendous hopeless clueless disgusted disgrace fuming outraged crap sucks fiasco"
    )
    add(-2, "catastrophe appalled scam cheated robbed misled misleading insane dreadful unprofessional fobbed")
    add(
      -1.2,
      "nonsense mediocre subpar buggy glitchy laggy irritating irritated chaos chaotic regret poorly letdown unfair")
    add(
      -1.2, "underwhelming shocking careless unresponsive stuck unhelpful crashes crashing suffering worrying worried")
    add(-0.6, "unfortunately sadly mistake stress stressful manually downtime bug bugs freezes hang hangs glitch")
    add(1.5, "great wonderful fantastic excellent amazing brilliant superb perfect delighted thrilled love loved loves")
    add(1.5, "happy pleased awesome outstanding gorgeous lovely impressed favourite favorite enjoy enjoys best kudos")
    add(1.5, "joy friendliest flawless smooth smoothly clockwork magic appreciate appreciated grateful congrats bravo")
    add(1, "good nice helpful thanks thank glad clean fast pretty useful well easy reliable pleasure slick recommend")
    self.weights = weights
    phrases = PhraseIndex([
      ("not good enough", -2), ("what a joke|mess|shame|waste|disaster", -2), ("once again", -0.8), ("yet again", -1.2),
      ("yet another", -1), ("keeps|keep ~1 happening|crashing|failing|breaking|losing|logging|sending", -1.5),
      ("third|fourth|fifth|second|tenth time", -1), ("for weeks|months|days|ages", -0.6),
      ("still no|not|nothing|nobody|waiting", -1),
      ("nobody|no one ~2 cares|answers|replies|helps|called|responds|listens", -1.5), ("makes no sense", -1.5),
      ("cost us", -1),
      ("we are|i am paying for", -1), ("how hard|difficult can", -2), ("is this|that a joke|what", -1.5),
      ("are you serious|kidding", -2),
      ("i|we am|are done", -1.5), ("not what we|i paid|ordered|wanted|expected", -1.5), ("not worth", -1.5),
      ("not great|good|nice|funny|okay|ok|fair", -1.2),
      ("not satisfied", -2), ("never again", -2), ("nothing but", -1.5), ("can not believe", -1.5),
      ("supposed to", -0.8), ("at this point", -0.6),
      ("every single|time|day|week|morning", -0.6), ("no idea what you", -1), ("have to ~3 again|manually|twice", -1),
      ("not ~2 acceptable", -2),
      ("beyond a joke", -2), ("rip off", -2), ("ripped off", -2),
      ("my|our guests are|were ~2 angry|upset|furious|complaining", -2),
      ("guests ~2 complain|complained", -1), ("not ~3 impressed|amused|thrilled|pleased|delighted", -2),
      ("worse than", -1.2), ("why ~4 still|again|always|never", -1),
      ("fed up", -1), ("sick of", -1.5), ("tired of", -1.5), ("had enough", -2.5),
      ("enough of this", -1.5), ("let down", -2), ("lets us down", -2), ("not acceptable", -2.5),
      ("not accept", -2.5), ("expected more|better", -2), ("no answer|answers|reply|response", -1.5),
      ("zero answer*|reply|replies|response*", -1.5), ("without ~2 reading|asking|warning|notice", -1.5),
      ("how long should|must|do we ~3 patient|wait", -1.5), ("drives me|us ~1 mad|crazy|nuts", -2),
      ("waste of", -1.5), ("can not go on|continue", -2), ("cannot go on", -2), ("gone downhill", -2.5),
      ("nothing works", -2.5), ("never works|worked", -2), ("does not work", -0.6),
      ("still ~2 invoice|charge|wait*", -1.5),
      ("shame about", -1.5), ("made a fool", -1.5), ("hanging by a thread", -2.5), ("lost ~1 patience|trust|faith", -2),
      ("too expensive", -1.5), ("poor show", -1), ("your ~2 promised", -1), ("you must be joking", -2),
      ("absolutely not", -1), ("not what i|we would call", -2), ("is half product", -1), ("what am i supposed", -1.5),
      ("see how long", -2), ("last straw", -2.5), ("not impressed", -2.5), ("not happy", -2.5), ("not thrilled", -2),
      ("not amused", -2), ("do not like", -1.5), ("did not help", -1.5), ("not helpful", -1.5),
      ("learned it from an", -1),
      ("every day same", -1), ("same ~3 every|each week|day|month|time", -1), ("speak with|to your boss|manager", -1),
      ("only excuses", -1), ("this close to", -1), ("gathers|gather|gathering dust", -1.2), ("deleted our|my", -1.2),
      ("do not call us", -1.5), ("convince me", -0.6), ("sat undelivered", -1), ("nobody|nothing|none ~1 blam*", 1),
      ("can not complain", 3), ("no complaint*", 2), ("could not be more", 2), ("could not be happier", 2),
      ("no problem*", 1.5), ("no longer satisfied|happy", -2.5), ("never|not had a|any problem|issue", 1.5),
      ("no worries", 0.6), ("not a single ~1 missed|problem|issue", 2), ("no rush", 0.6), ("on the contrary", 1.5),
      ("never ~2 this bad", -2), ("not angry", 2), ("no hard feelings", 1),
    ])
    let praise = [
      "great first", "oh great|wonderful|lovely|joy|fantastic|good|brilliant", "well done", "congratulations",
      "thanks|thank ~2 for", "how nice|lovely|kind|thoughtful", "love how|that|it", "i ~1 love|adore", "bravo",
      "splendid",
      "marvellous|marvelous", "fantastic ,", "great ,", "brilliant ,", "wonderful ,", "perfect ,",
      "what a surprise|joy|treat",
      "top notch", "nice ~1 ,", "sure ,", "best decorative", "legendary", "amazing ,", "lovely ,", "excellent ,",
      "lucky us|me", "thrilled to", "delightful", "charming", "genius", "impressive", "superb ,", "bonus points",
      "gold star",
      "slow clap", "round of applause", "classic", "much appreciated", "what ~1 joy|delight|pleasure|treat|start",
      "nothing like|beats|says", "who needs|does not love",
      "because who", "good thing", "so helpful|useful|kind|thoughtful",
      "truly|really impressive|special|amazing|helpful", "another ~2 masterpiece|triumph|success|gem",
      "do we get", "just what we needed", "as ever", "very mindful", "consistency matters", "obviously",
    ]
    mockPraise = PhraseIndex(praise.map { ($0, ()) })
    let trouble = [
      "again", "yet another", "once more", "still", "offline", "frozen", "freez*", "bug*", "twice",
      "sunday|saturday|midnight|night|weekend|christmas", "not work*",
      "two|three|four|five|six|ten days|weeks|hours|minutes|months|times", "unread*", "blank", "disappear*", "gone",
      "missing", "manually", "by hand", "duplicate*", "in|to the wrong",
      "outage*", "broken", "crash*", "down", "wrong", "empty", "no sound", "logs me out", "3 a m", "spam",
      "without", "not one|a|single", "shame", "null", "undefined", "third|fourth|fifth|second|another",
      "no messages|answer|reply",
      "lost", "lose", "late", "ignored", "quits|quit", "weeks to", "while|when a guest", "raise|raised|increase* the",
      "only sleeping", "error*", "fail*", "deleted", "pork", "precisely when", "waiting", "expired", "rate once more",
      "three|four|five ~1 outages|times|weeks|hours", "nobody|noone", "font changed", "opens it", "closing my ticket",
    ]
    mishaps = PhraseIndex(trouble.map { ($0, ()) })
  }

  func isNegative(_ words: MessageWords) -> Bool {
    var score = 0.0
    let tokens = words.tokens
    for (index, token) in tokens.enumerated() {
      guard let weight = weights[token] else { continue }
      var factor = 1.0
      var isNegated = false
      for back in 1...Self.reach where index - back >= 0 {
        let before = tokens[index - back]
        guard before != MessageWords.end, before != "but" else { break }
        if negators.contains(before) { isNegated = true }
        if back == 1, let more = amplifiers[before] { factor = more }
      }
      // `not good` is bad, `not bad` is hardly praise.
      if isNegated { factor *= weight > 0 ? -0.9 : -0.4 }
      score += weight * factor
    }
    for match in phrases.matches(in: tokens) { score += match.meaning }
    if isMocking(tokens) { score = min(score, 0) - 2 }
    if score < 0 { score -= 0.3 * Double(min(3, words.emphasis)) }
    return score <= Self.limit
  }

  private func isMocking(_ tokens: [String]) -> Bool {
    mockPraise.isMatched(in: tokens) && mishaps.isMatched(in: tokens)
  }
}
