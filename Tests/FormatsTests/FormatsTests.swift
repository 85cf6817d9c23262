import Formats
import Testing

@Suite struct Identifiers {
  @Test func fifteenAndEighteenCharactersAreTheSame() {
    #expect(SalesforceID("001D000000IqhSL")?.description == "001D000000IqhSLIAZ")
    #expect(SalesforceID("001D000000IqhSL") == SalesforceID("001D000000IqhSLIAZ"))
    #expect(SalesforceID("001D000000IqhSLIAA") == nil)
    #expect(SalesforceID("001d000000iqhslIAZ") == nil)
  }
}

@Suite struct CommaSeparatedValues {
  @Test(arguments: ["plain", "a,b", "a\"b", "a\nb", "", " x ", "é,\"ü\"\r\n"])
  func roundTrip(_ field: String) throws {
    let text = CSV.line([field, "end"], ending: "\r\n")
    #expect(try CSV.records(Array(text.utf8)).first?.fields == [field, "end"])
  }

  @Test func linesAreCountedThroughQuotedOnes() throws {
    let records = try CSV.records(Array("\u{FEFF}a,b\r\n\"x\ny\",1\n\n2,3".utf8))
    #expect(records.map(\.line) == [1, 2, 5])
    #expect(records[0].fields == ["a", "b"])
  }

  @Test(arguments: ["\"a", "\"a\"b,c"])
  func refusesBrokenQuotes(_ text: String) { #expect(throws: CSV.Malformed.self) { try CSV.records(Array(text.utf8)) } }
}

@Suite struct XMLTexts {
  @Test(arguments: [
    ("<r><Key>a</Key><Key>b</Key></r>", ["a", "b"]), ("<Key id=\"1\" x='>'>a</Key>", ["a"]),
    ("<Key/><Key />", ["", ""]),
    ("<KeyMarker>no</KeyMarker><Key>yes</Key>", ["yes"]), ("<!-- <Key>no</Key> --><Key>yes</Key>", ["yes"]),
    ("<Key>a&amp;b&#33;</Key>", ["a&b!"]), ("<Key>x<![CDATA[<&]]>y<![CDATA[&amp;]]></Key>", ["x<&y&amp;"]),
    ("<Key>cut off", []), ("", []), ("<", []), ("<Key", []),
  ])
  func elementsAreReadAsTheyAreMeant(_ document: String, _ expected: [String]) {
    #expect(XMLText.all("Key", in: document) == expected)
  }

  /// None of these takes more than one look through, or a stack.
  @Test(arguments: ["<Key>", "<Key '", "<!--", "<Key/>", "<![CDATA[]]>", "<"])
  func aHostileAnswerEnds(_ piece: String) {
    let noise = String(repeating: piece, count: 20_000)
    _ = XMLText.all("Key", in: noise)
    _ = XMLText.all("Key", in: "<Key>" + noise + "</Key>")
  }
}
