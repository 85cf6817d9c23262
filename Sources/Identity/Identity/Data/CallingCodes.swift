/// Country codes of telephone numbers (ITU-T E.164), and the digit that is dialled within the country only.
enum CallingCodes {
  /// By ISO 3166 code: the calling code, and the trunk prefix of national numbers (empty where there is none).
  static let byCountry: [String: (code: String, trunk: String)] = {
    let text = """
      US 1 1,CA 1 1,PR 1 1,DO 1 1,JM 1 1,GB 44 0,UK 44 0,IE 353 0,DE 49 0,AT 43 0,CH 41 0,FR 33 0,BE 32 0,NL 31 0,LU 352,IT 39,
      ES 34,PT 351,DK 45,SE 46 0,NO 47,FI 358 0,IS 354,PL 48,CZ 420,SK 421 0,HU 36 06,RO 40 0,BG 359 0,GR 30,TR 90 0,HR 385 0,
      SI 386 0,RS 381 0,UA 380 0,RU 7 8,EE 372,LV 371,LT 370 8,MT 356,CY 357,IL 972 0,AE 971 0,SA 966 0,QA 974,KW 965,EG 20 0,
      MA 212 0,ZA 27 0,NG 234 0,KE 254 0,IN 91 0,PK 92 0,BD 880 0,LK 94 0,NP 977 0,CN 86 0,HK 852,TW 886 0,JP 81 0,KR 82 0,
      SG 65,MY 60 0,TH 66 0,VN 84 0,PH 63 0,ID 62 0,AU 61 0,NZ 64 0,BR 55 0,AR 54 0,MX 52,CL 56,CO 57,PE 51 0,EC 593 0,UY 598 0,
      VE 58 0,CR 506,PA 507,GT 502
      """
    var codes: [String: (String, String)] = [:]
    for entry in text.split(whereSeparator: { $0 == "," || $0 == "\n" }) {
      let parts = entry.split(separator: " ").map(String.init)
      codes[parts[0]] = (parts[1], parts.count > 2 ? parts[2] : "")
    }
    return codes
  }()

  /// Names of countries, folded, for files that do not use codes.
  static let countries: [String: String] = {
    let text = """
      united states=US,united states of america=US,usa=US,america=US,canada=CA,united kingdom=GB,great britain=GB,england=GB,
      scotland=GB,wales=GB,northern ireland=GB,ireland=IE,germany=DE,deutschland=DE,austria=AT,osterreich=AT,switzerland=CH,
      schweiz=CH,suisse=CH,france=FR,belgium=BE,netherlands=NL,the netherlands=NL,holland=NL,luxembourg=LU,italy=IT,italia=IT,
      spain=ES,espana=ES,portugal=PT,denmark=DK,sweden=SE,norway=NO,finland=FI,iceland=IS,poland=PL,czechia=CZ,
      czech republic=CZ,slovakia=SK,hungary=HU,romania=RO,bulgaria=BG,greece=GR,turkey=TR,turkiye=TR,croatia=HR,slovenia=SI,
      serbia=RS,ukraine=UA,russia=RU,estonia=EE,latvia=LV,lithuania=LT,malta=MT,cyprus=CY,israel=IL,united arab emirates=AE,
      saudi arabia=SA,qatar=QA,kuwait=KW,egypt=EG,morocco=MA,south africa=ZA,nigeria=NG,kenya=KE,india=IN,pakistan=PK,
      bangladesh=BD,sri lanka=LK,nepal=NP,china=CN,hong kong=HK,taiwan=TW,japan=JP,south korea=KR,korea=KR,singapore=SG,
      malaysia=MY,thailand=TH,vietnam=VN,philippines=PH,indonesia=ID,australia=AU,new zealand=NZ,brazil=BR,brasil=BR,
      argentina=AR,mexico=MX,chile=CL,colombia=CO,peru=PE,ecuador=EC,uruguay=UY,venezuela=VE,costa rica=CR,panama=PA,
      guatemala=GT,puerto rico=PR,dominican republic=DO,jamaica=JM
      """
    return Dictionary(
      text.split(whereSeparator: { $0 == "," || $0 == "\n" }).map { entry in
        let parts = entry.split(separator: "=").map(String.init)
        return (parts[0], parts[1])
      }
    ) { first, _ in first }
  }()

  /// The ISO code of a country as somebody wrote it; nil if it is not known.
  static func country(_ text: String) -> String? {
    let code = text.uppercased()
    if byCountry[code] != nil { return code == "UK" ? "GB" : code }
    return countries[FoldedText.fold(text)]
  }
}
