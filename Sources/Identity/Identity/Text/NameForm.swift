/// A name of an organisation, taken apart for comparison.
struct NameForm: Sendable, Equatable {
  /// Without legal forms and articles; abbreviations as they stand.
  var words: [String] = []
  /// What the organisation is by law, as ``LegalForms`` calls it, in the order of the name.
  var legalForms: [String] = []
  /// Numbers in the name, also Roman ones: `Hotel II` → `2`. Sorted.
  var numbers: [String] = []

  /// - Parameter text: Any name; only signs give a form without words.
  init(_ text: String) { self.init(words: FoldedText.words(text)) }

  private init(words all: [String]) {
    var words = all
    (words, legalForms) = NameForm.withoutLegalForms(words)
    let kept = words.filter { !NameWords.empty.contains($0) }
    if !kept.isEmpty { words = kept }
    var numbers: [String] = []
    for (index, word) in words.enumerated() {
      if word.utf8.allSatisfy(\.isDigit) {
        numbers.append(String(word.drop { $0 == "0" }))
        words[index] = numbers.last ?? ""
      } else if index > 0, let number = NameWords.romanNumerals[word] {
        numbers.append(number)
        words[index] = number
      } else if index > 0, let number = NameWords.numerals[word] {
        numbers.append(number)
      } else {
        // `Store12`
        numbers += word.split { !$0.isASCII || !$0.isNumber }.map { String($0.drop { $0 == "0" }) }
      }
    }
    self.words = words.filter { !$0.isEmpty }
    self.numbers = numbers.sorted()
  }

  /// The words run together: `Face Book` and `Facebook` are the same.
  var joined: String { words.joined() }

  /// The first letters of at least three words; nil for shorter names.
  var initials: String? {
    let letters = words.filter { !NameForm.isLink($0) }.compactMap(\.first)
    return letters.count >= 3 ? String(letters) : nil
  }

  private static func isLink(_ word: String) -> Bool { ["of", "for", "in", "de", "la", "at", "by"].contains(word) }

  private static func withoutLegalForms(_ words: [String]) -> (words: [String], forms: [String]) {
    var words = words
    var forms: [String] = []
    if let first = words.first, words.count > 1, LegalForms.leading.contains(first) {
      forms.append(LegalForms.byLastWord[first]?.first { $0.words.count == 1 }?.form ?? first)
      words.removeFirst()
    }
    // From the end: weak spellings count only while nothing else follows them.
    let leading = forms.count
    var isTail = true
    var end = words.count
    while end > 1 {
      let found = LegalForms.byLastWord[words[end - 1]]?.first { spelling in
        (isTail || !spelling.isWeak) && spelling.words.count < end
          && words[(end - spelling.words.count)..<end].elementsEqual(spelling.words)
      }
      guard let found else {
        isTail = false
        end -= 1
        continue
      }
      words.removeSubrange((end - found.words.count)..<end)
      forms.insert(found.form, at: leading)
      end -= found.words.count
    }
    return (words, forms)
  }

  /// A name and what it says of other names: `Alpha Beta (AB)`, `Alpha d/b/a Beta`. The whole name first.
  static func readings(of text: String) -> [NameForm] {
    let whole = NameForm(text)
    var readings = [whole]
    func add(_ part: some StringProtocol, isAlias: Bool) {
      let form = NameForm(String(part))
      // `(US)` and `(Canada)` are no names.
      let isName = form.words.contains { word in
        word.count >= 3 && (!isAlias || !NameWords.common.contains(word) && CallingCodes.countries[word] == nil)
      }
      guard isName else { return }
      if !readings.contains(form), readings.count < 4 { readings.append(form) }
    }
    if let open = text.firstIndex(of: "("), let close = text[open...].firstIndex(of: ")") {
      add(text[..<open] + text[text.index(after: close)...], isAlias: false)
      let inner = text[text.index(after: open)..<close]
      add(inner, isAlias: true)
    }
    // `Alpha Corp /DE/`, `Alpha Association/AA`
    if let slash = text.firstIndex(of: "/") {
      add(text[..<slash], isAlias: false)
      add(text[text.index(after: slash)...], isAlias: true)
    }
    let lower = FoldedText.fold(text)
    for mark in [
      " d/b/a ", " dba ", " t/a ", " trading as ", " aka ", " a/k/a ", " formerly ", " fka ", " doing business as ",
    ] {
      guard let range = lower.firstRange(of: mark) else { continue }
      add(lower[..<range.lowerBound], isAlias: false)
      add(lower[range.upperBound...], isAlias: true)
    }
    return readings
  }

  /// How two names' legal forms stand to each other.
  enum FormAgreement { case same, oneMissing, different }

  func formAgreement(with other: NameForm) -> FormAgreement {
    if legalForms.isEmpty != other.legalForms.isEmpty { return .oneMissing }
    if Set(legalForms) == Set(other.legalForms) { return .same }
    // `Co., Ltd.` beside `Ltd.`, but not `Inc.` beside `Ltd.`
    let related = [Set(["colimited", "limited", "ptyltd", "pteltd"]), Set(["gmbh", "gmbhco"])]
    func reduced(_ forms: [String]) -> Set<String> {
      Set(forms.map { form in related.first { $0.contains(form) }?.min() ?? form })
    }
    return reduced(legalForms).isDisjoint(with: reduced(other.legalForms)) ? .different : .same
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { self >= 48 && self <= 57 }
}
