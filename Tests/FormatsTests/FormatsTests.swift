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
