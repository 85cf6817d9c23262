import AccountLinking
import Formats
import Identity
import TestSupport
import Testing
import Time

/// Fuzzes what people hand to `healthscore map`, and names as vendors may send them.
@Suite struct IdentityFuzzTests {
  @Test func mangledFilesAreReadOrRefusedByLine() throws {
    let organisations = try Shipped.fixture("identity/crm.csv")
    let review = Array(
      "sf_account_id,system,candidate_id,answer\n001SBx000000001YAA,jira,STAY/North,yes\n001SBx000000002YAA,looker,7,no\n"
        .utf8)
    let mapping = try Shipped.bytes("account_mapping.csv")
    for round in 0..<Fuzz.rounds {
      var fuzz = Fuzz("identity files", round: round)
      do {
        _ = try OrganisationFile(fuzz.mutated(organisations))
        let decided = try ReviewFile.decided(fuzz.mutated(review))
        guard round % 20 == 0 else { continue }
        let edit = try MappingEdit(
          fuzz.mutated(mapping), file: "m", decisions: decided, by: "Ada", at: Timestamp(milliseconds: 0), relinks: true
        )
        _ = try CSVTable(edit.csv)
      } catch let error as RowProblems {
        #expect(!error.problems.isEmpty && error.problems.allSatisfy { Int($0.prefix { $0 != ":" }) != nil })
      } catch let error as MappingEdit.Refusal {
        #expect(!error.problems.isEmpty)
      }
    }
  }

  @Test func anyTextIsAName() async {
    for round in 0..<max(3, Fuzz.rounds / 100) {
      var fuzz = Fuzz("identity names", round: round)
      func rows(_ side: String) -> [Organisation] {
        (0..<12).map { index in
          Organisation(
            id: "\(side)\(index)", name: fuzz.text(), website: fuzz.text(), phone: fuzz.text(), street: fuzz.text(),
            postcode: fuzz.text(), country: fuzz.text(), keys: ["k": fuzz.text()])
        }
      }
      let (left, right) = (rows("l"), rows("r"))
      let first = await Matcher().match(left: left, right: right).matches
      #expect(first.map(\.leftID) == left.map(\.id))
      #expect(first.allSatisfy { (0...1).contains($0.probability) && (0...1).contains($0.margin) })
      #expect(await Matcher().match(left: left, right: right).matches == first)
    }
  }
}
