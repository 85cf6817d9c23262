/// Words in names of organisations that say little, and how long words are cut short. Written for this product.
enum NameWords {
  /// Left out of names: articles and "and".
  static let empty: Set<String> = ["the", "and", "und", "et", "y", "e", "og", "och", "ve", "en"]

  /// Words that so many organisations carry that a small file's own counts don't show it.
  static let common: Set<String> = Set(
    """
    of for in de del la le les los las el di da do du des von der die das van den och at by on to a an
    group groupe gruppe gruppo grupo holding holdings international global world worldwide national american europe
    european usa us uk america canada india china asia pacific africa australia north south east west northern southern
    eastern western central city county state university college school institute academy center centre hospital medical
    health healthcare clinic care services service solutions solution systems system technologies technology tech
    software digital data online web media communications network networks consulting consultants consultancy partners
    associates management capital investment investments financial finance insurance bank bancorp banco trust fund funds
    ventures equity energy power oil gas electric water resources mining materials chemicals chemical industries
    industrial manufacturing products product supply logistics transport transportation shipping airlines foods food
    beverage restaurant restaurants cafe bar grill kitchen bistro house hotel hotels resort resorts inn suites lodge
    hospitality properties property realty estate homes construction engineering design studio studios labs laboratories
    pharma pharmaceuticals pharmaceutical biotech therapeutics sciences science research development enterprises
    enterprise business company stores store shop market markets retail trading trade import export brands com net org
    church community foundation association society club council department office public library public new first
    united general royal grand great best one pro plus star sons brothers bros family kids child children day learning
    """.split { $0 == " " || $0 == "\n" }.map(String.init))

  /// Usual short forms: short → long, all folded.
  static let abbreviations: [String: String] = {
    let text = """
      intl international
      int international
      natl national
      nat national
      amer american
      am american
      assoc association
      assn association
      assocs associates
      bros brothers
      cntr center
      ctr center
      centre center
      comm community
      comms communications
      corp corporation
      dept department
      dev development
      dist district
      distr distribution
      ed education
      educ education
      elec electric
      electr electronics
      eng engineering
      engr engineering
      ent enterprises
      ents enterprises
      env environmental
      fin financial
      fdn foundation
      fed federal
      ft fort
      gen general
      govt government
      grp group
      gp group
      hlth health
      hosp hospital
      hldg holding
      hldgs holdings
      ind industries
      inds industries
      indus industrial
      inst institute
      ins insurance
      invt investment
      inv investments
      lab laboratory
      labs laboratories
      lib library
      mach machinery
      mfg manufacturing
      mfrs manufacturers
      mgmt management
      mgt management
      mkt market
      mkts markets
      mkting marketing
      med medical
      mt mount
      mtn mountain
      natl national
      petr petroleum
      pharm pharmaceuticals
      pharma pharmaceuticals
      prod products
      prods products
      props properties
      pub public
      rest restaurant
      res resources
      rlty realty
      sch school
      sci science
      svc service
      svcs services
      serv services
      soc society
      st saint
      ste sainte
      sys systems
      tech technology
      techs technologies
      technol technology
      tele telecommunications
      telecom telecommunications
      trans transportation
      univ university
      util utilities
      utd united
      vly valley
      """
    return Dictionary(
      text.split(separator: "\n").map { line in
        let words = line.split(separator: " ")
        return (String(words[0]), String(words[1]))
      }
    ) { first, _ in first }
  }()

  /// The Roman numerals that are no words.
  static let romanNumerals: [String: String] = [
    "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9",
  ]

  /// Numbers that are written as words.
  static let numerals: [String: String] = [
    "two": "2", "three": "3",
    "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "1st": "1",
    "2nd": "2", "3rd": "3", "second": "2", "third": "3",
  ]
}
