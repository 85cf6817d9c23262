import Testing

@testable import Identity

@Suite struct NormalisationTests {
  @Test(arguments: [
    ("Zorvalle Hôtels S.p.A.", ["zorvalle", "hotels"], ["spa"]),
    ("The Quillowmere & Sons Co., Ltd.", ["quillowmere", "sons"], ["colimited"]),
    ("Brindlefax GmbH & Co. KG", ["brindlefax"], ["gmbhco"]), ("PT Vexandra Tbk", ["vexandra"], ["pt", "tbk"]),
    ("Straße Ærø ŁÓDŹ", ["strasse", "aero", "lodz"], []), ("AQ&T", ["aqt"], []), ("K + M", ["km"], []),
    ("Orvell's Inn", ["orvells", "inn"], []), ("Inc", ["inc"], []), ("Ａｃｍｅ", ["acme"], []),
    ("Grupo Pelmar, S.A. de C.V.", ["grupo", "pelmar"], ["sadecv"]), ("Se Nova SE", ["se", "nova"], ["se"]),
    ("Лотос ООО", ["лотос", "ооо"], []),
  ]) func namesAreTakenApart(_ text: String, _ words: [String], _ forms: [String]) {
    let form = NameForm(text)
    #expect(form.words == words && form.legalForms == forms, "\(form)")
  }

  @Test func bothUnicodeFormsAreTheSame() {
    #expect(NameForm("Café \u{0439}") == NameForm("Cafe\u{301} \u{0438}\u{0306}"))
  }

  @Test(arguments: [
    ("Hotel 2", ["2"]), ("Hotel II", ["2"]), ("Hotel 02", ["2"]), ("Two Rivers", []), ("Area 51", ["51"]),
    ("Store12", ["12"]),
  ])
  func numbersAreFound(_ text: String, _ numbers: [String]) { #expect(NameForm(text).numbers == numbers) }

  @Test(arguments: [
    ("https://www.shop.zorvalle.co.uk/path?x=1", "zorvalle.co.uk"), ("info@Zorvalle.COM", "zorvalle.com"),
    ("zorvalle.com:8080", "zorvalle.com"), ("someone@gmail.com", nil), ("zorvalle.wixsite.com", nil),
    ("facebook.com/zorvalle", nil), ("127.0.0.1", nil), ("co.uk", nil), ("n/a", nil), ("", nil), ("zorvalle", nil),
  ]) func domains(_ text: String, _ domain: String?) { #expect(WebDomain(text)?.text == domain) }

  @Test(
    arguments: [
      ("310/555-1501", "(310) 555-1501", nil, true), ("+1 310 555 1501", "310-555-1501", nil, true),
      ("+44 (0)20 7946 0958", "020 7946 0958", "GB", true), ("0049 30 901820", "030 901820", "DE", true),
      ("+44 20 7946 0958", "+49 20 7946 0958", nil, false), ("Tel. 310-555-1501 ext. 7", "310 555 1501", nil, true),
      ("310-555-1501", "310-555-1502", nil, false),
    ] as [(String, String, String?, Bool)])
  func phones(_ a: String, _ b: String, _ country: String?, _ isSame: Bool) throws {
    let (x, y) = (try #require(PhoneNumber(a, country: country)), try #require(PhoneNumber(b, country: country)))
    #expect(x.isSame(as: y) == isSame)
  }

  @Test(arguments: ["", "n/a", "12345", "0000000000", "1111111111"]) func noPhone(_ text: String) {
    #expect(PhoneNumber(text, country: "US") == nil)
  }

  @Test(arguments: [
    ("435 S. La Cienega Blv.", "435 South La Cienega Boulevard", true),
    ("12 Hauptstr.", "Hauptstraße 12", true), ("100 Main St, Suite 4", "100 Main Street #12", true),
    ("5 Fifth Ave", "5 5th Avenue", true), ("12 Main St", "14 Main St", false), ("12 Main St", "12 Market St", false),
  ]) func streets(_ a: String, _ b: String, _ isSame: Bool) throws {
    let x = try #require(StreetAddress(street: a, postcode: "", city: ""))
    let y = try #require(StreetAddress(street: b, postcode: "", city: ""))
    #expect((x.number == y.number && StreetAddress.similarity(x.street, y.street) >= 0.75) == isSame, "\(x) \(y)")
  }
}
