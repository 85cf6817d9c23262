/// Text as names and addresses are compared: in lower case, without accents.
enum FoldedText {
  /// Latin letters lose their marks (`É` → `e`, `ß` → `ss`), other alphabets only their case. Swift compares the result
  /// by canonical equivalence, so that both Unicode forms of a letter are the same.
  static func fold(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 128 }) { return text.lowercased() }
    var result = ""
    for character in text {
      if let ascii = character.asciiValue {
        result.unicodeScalars.append(Unicode.Scalar(ascii.lowercased))
      } else {
        append(character, to: &result)
      }
    }
    return result
  }

  private static func append(_ character: Character, to text: inout String) {
    for scalar in character.lowercased().unicodeScalars {
      if let digit = scalar.properties.numericType == .decimal ? scalar.properties.numericValue : nil {
        text += String(Int(digit))
      } else if let letters = latin(scalar) {
        text += letters
      } else if character.unicodeScalars.first.map({ latin($0) != nil }) ?? false {
        continue  // A mark on a Latin letter.
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }

  /// The letters of a-z that stand for a letter; nil if it is not Latin.
  private static func latin(_ scalar: Unicode.Scalar) -> String? {
    if scalar.isASCII { return scalar.properties.isAlphabetic ? scalar.properties.lowercaseMapping : nil }
    if let letters = ligatures[scalar] { return letters }
    // Unicode names the letter: LATIN SMALL LETTER E WITH ACUTE.
    guard let name = scalar.properties.name,
      let end = name.firstRange(of: "LATIN SMALL LETTER ")?.upperBound
        ?? name.firstRange(of: "LATIN CAPITAL LETTER ")?.upperBound
    else { return nil }
    let letter = name[end...].prefix { $0 != " " }
    return letter.count == 1 ? letter.lowercased() : nil
  }

  private static let ligatures: [Unicode.Scalar: String] = [
    "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ŋ": "ng", "ĳ": "ij", "ﬁ": "fi", "ﬂ": "fl",
  ]

  /// Runs of letters and digits. Apostrophes are left out (`Arby's` → `arbys`), and letters that stand alone are joined
  /// (`S.p.A.` → `spa`, `A & B` → `ab`).
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    // Letters that stand alone, until a longer word comes.
    var letters = ""
    func isAlone(_ word: String) -> Bool { word.count == 1 && word.first?.isLetter == true }
    func end() {
      guard !word.isEmpty else { return }
      if isAlone(word) {
        letters += word
      } else {
        endLetters()
        words.append(word)
      }
      word = ""
    }
    func endLetters() {
      if !letters.isEmpty { words.append(letters) }
      letters = ""
    }
    let folded = fold(text)
    var before: Character = " "
    for character in folded {
      defer { before = character }
      if character.isLetter || character.isNumber {
        word.append(character)
      } else if apostrophes.contains(character) {
        continue
      } else if character == "&" || character == "+" {
        // `AT&T` is one word, `Smith & Sons` are two.
        if before == " " || word.count > 2 { end() }
      } else {
        end()
        // A comma ends initials: `A, B` are two words.
        if character == "," || character == "(" || character == ")" || character == "/" { endLetters() }
      }
    }
    end()
    endLetters()
    return words
  }

  private static let apostrophes: Set<Character> = ["'", "\u{2019}", "\u{2018}", "`", "\u{B4}", "\u{2BC}"]
}

extension UInt8 {
  fileprivate var lowercased: UInt8 { self >= 65 && self <= 90 ? self + 32 : self }
}
