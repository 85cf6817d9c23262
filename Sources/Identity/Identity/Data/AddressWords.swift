/// Words in addresses: one spelling for each. Written for this product after USPS Publication 28 (appendix C) and the usual
/// words of other countries.
enum AddressWords {
  /// Spelling → the one that counts. Folded.
  static let canonical: [String: String] = {
    let text = """
      st street str strt
      ave avenue av aven avn avenida avda
      rd road
      blvd boulevard boul bd bl bld bvd blv
      dr drive drv
      ln lane
      ct court crt
      pl place plc plaza plza plz piazza platz
      sq square squ
      pkwy parkway pky pkway pwy
      hwy highway hiway hway
      fwy freeway frwy
      expy expressway expwy
      cir circle circ
      ter terrace terr
      trl trail
      tpke turnpike tpk
      aly alley
      brg bridge
      ctr center centre cntr
      xing crossing
      est estate estates
      hts heights
      jct junction
      pt point
      rte route
      mt mount
      ft fort
      n north nord norte
      s south sud sued sur
      e east
      w west ouest oeste
      ne northeast
      nw northwest
      se southeast
      sw southwest
      1 1st first
      2 2nd second
      3 3rd third
      4 4th fourth
      5 5th fifth
      6 6th sixth
      7 7th seventh
      8 8th eighth
      9 9th ninth
      10 10th tenth
      11 11th eleventh
      12 12th twelfth
      strasse stra strasse
      calle c cl
      carretera ctra
      via
      rue
      """
    var words: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let spellings = line.split(separator: " ").map(String.init)
      for word in spellings { words[word] = spellings[0] }
    }
    return words
  }()

  /// What follows is a part of a building, not of the street.
  static let units: Set<String> = [
    "suite", "ste", "unit", "apt", "apartment", "room", "rm", "floor", "fl", "bldg", "building", "dept", "level",
    "flat",
    "office", "etage", "stock", "piso",
  ]

  /// Kinds of streets: they say less than a street's own name.
  static let kinds: Set<String> = [
    "st", "ave", "rd", "blvd", "dr", "ln", "ct", "pl", "sq", "pkwy", "hwy", "fwy", "expy", "cir", "ter", "trl", "tpke",
    "aly",
    "ctr", "rte", "strasse", "calle", "via", "rue", "of", "the", "off", "at", "between", "near", "de", "la", "n", "s",
    "e", "w",
    "ne", "nw", "se", "sw",
  ]
}
