import AccountLinking
import ConfigurationReading
import Formats
import Foundation
import HealthConfiguration
import HealthModel
import Testing
import Time

@Suite struct MappingEditTests {
  private static let mapping = """
    sf_account_id,intercom_company_id,looker_customer_id,account_name,segment,jira_project_key,jira_component,remark
    001SBx000000001YAA,c1,9000,"Zorvalle, Hotel",paid,STAY,North  Wing,"two
    lines"

    001SBx000000002YAA,c2,9001,Quillowmere,standard,,, spaced 
    """
  private let now = Timestamp(milliseconds: 1_795_000_000_000)

  private func edited(
    _ review: String, mapping: String? = Self.mapping, relinks: Bool = false
  ) throws -> MappingEdit {
    try MappingEdit(
      mapping.map { Array($0.utf8) }, file: "account_mapping.csv",
      decisions: try ReviewFile.decided(Array(review.utf8)), by: "Ada", at: now, relinks: relinks)
  }

  private func lines(_ edit: MappingEdit) -> [String] {
    String(decoding: edit.csv, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test func whatNobodyDecidedStaysByteForByte() throws {
    let edit = try edited("sf_account_id,system,candidate_id,answer\n001SBx000000002,jira,DESK/East/Wing,yes\n")
    let result = lines(edit)
    #expect(result[0].hasSuffix(",remark,verified_by,verified_at"))
    #expect(
      result[1...2].elementsEqual([
        #"001SBx000000001YAA,c1,9000,"Zorvalle, Hotel",paid,STAY,North  Wing,"two"#, #"lines",,"#,
      ]))
    #expect(result[3].isEmpty)
    #expect(result[4] == "001SBx000000002YAA,c2,9001,Quillowmere,standard,DESK,East/Wing,spaced,Ada,\(now)")
    #expect(edit.changes.map(\.to) == ["DESK/East/Wing"] && edit.changes[0].from == nil)
  }

  /// Rows as people and spreadsheets write them: quotes inside, line breaks, empty rows, other line ends, a byte-order mark.
  @Test func anyFileKeepsItsOtherRows() throws {
    var random = SplitMix(state: 7)
    let header = AccountMapping.requiredColumns.joined(separator: ",") + ",remark"
    let remarks = [
      "", "plain", "5\" pipe", "\"a, b\"", "\"two\nlines\"", "\"say \"\"hi\"\"\"", " spaced ", "\u{A0}", "é",
    ]
    for _ in 0..<300 {
      let ending = random.next() % 2 == 0 ? "\n" : "\r\n"
      var text = random.next() % 2 == 0 ? "\u{FEFF}" : ""
      text += header + ending
      for number in 0..<Int(random.next() % 8 + 1) {
        if random.next() % 4 == 0 {
          text += [ending, ",,,,,,," + ending, "\u{A0},,,,,,," + ending][Int(random.next() % 3)]
        }
        let account = SalesforceID("001SBx" + String(format: "%09d", number + 1))?.description ?? ""
        text += "\(account),c\(number),,Name,paid,,,\(remarks[Int(random.next() % UInt64(remarks.count))])\(ending)"
      }
      if random.next() % 2 == 0 { text.removeLast() }
      let before = try CSVTable(Array(text.utf8))
      let id = try #require(SalesforceID("001SBx00000000\(random.next() % 9 + 1)"))
      let review = "sf_account_id,system,candidate_id,answer\n\(id),looker,9,yes\n"
      let edit = try MappingEdit(
        Array(text.utf8), file: "m", decisions: try ReviewFile.decided(Array(review.utf8)), by: "Ada", at: now,
        relinks: false)
      let after = try CSVTable(edit.csv)
      #expect(after.header == before.header + AccountMapping.verificationColumns)
      #expect(after.rows.count == before.rows.count + edit.added)
      for (old, new) in zip(before.rows, after.rows) where new.fields[0] != id.description {
        #expect(new.fields == old.fields + ["", ""], "\(text)")
      }
      let row = try #require(after.rows.first { $0.fields[0] == id.description })
      #expect(after.text("looker_customer_id", row) == "9" && after.text("verified_by", row) == "Ada")
    }
  }

  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      let value = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
      return value ^ (value >> 27)
    }
  }

  @Test func aSpreadsheetMayHandItBack() throws {
    // A byte-order mark, semicolons, other columns, another order, capitals.
    let review =
      "\u{FEFF}answer;note;candidate_id;system;sf_account_id;account_name\r\nYES;x;'=9;looker;001SBx000000003YAA;New One\r\nlater;;c;intercom;;\r\n;;;;;\r\n"
    let edit = try edited(review)
    #expect(edit.added == 1 && lines(edit)[5] == "001SBx000000003YAA,,=9,New One,,,,,Ada,\(now)")
  }

  @Test func anExistingLinkIsChangedOnPurposeOnly() throws {
    let review =
      "sf_account_id,system,candidate_id,answer\n001SBx000000001YAA,intercom,c9,yes\n001SBx000000002YAA,intercom,c2,yes\n"
    let refusal = #expect(throws: MappingEdit.Refusal.self) { try edited(review) }
    #expect(refusal?.description.contains("001SBx000000001YAA intercom: is linked to c1, the file says c9") == true)
    let edit = try edited(review, relinks: true)
    #expect(edit.changes.map(\.from) == ["c1"] && edit.confirmed == 1)
    #expect(lines(edit)[1].hasPrefix("001SBx000000001YAA,c9,9000,"))
  }

  @Test func aMappingMayBegin() throws {
    let edit = try edited(
      "sf_account_id,system,candidate_id,answer\n001SBx000000001YAA,intercom,c1,yes\n", mapping: nil)
    #expect(lines(edit)[1] == "001SBx000000001YAA,c1,,,,,,Ada,\(now)")
  }

  @Test(arguments: [
    ("sf_account_id,system,candidate_id\nx,y,z\n", "1: the column answer is missing"),
    ("sf_account_id,system,candidate_id,answer\n5.98E+23,intercom,c,yes\n", "2: sf_account_id is not a Salesforce id"),
    ("sf_account_id,system,candidate_id,answer\n001SBx000000001YAA,zendesk,c,yes\n", "2: system is none of intercom"),
    (
      "sf_account_id,system,candidate_id,answer\n001SBx000000001YAA,jira,STAY,yes\n",
      "2: candidate_id: expected PROJECT"
    ),
    (
      "sf_account_id,system,candidate_id,answer\n001SBx000000001YAA,jira,,yes\n",
      "2: there is an answer and no candidate_id"
    ),
    ("sf_account_id,system,candidate_id,answer\n001SBx000000001YAA,looker,1,maybe\n", "2: answer is none of yes"),
    (
      "sf_account_id,system,candidate_id,answer\n001SBx000000001YAA,looker,1,yes\n001SBx000000001,looker,2,yes\n",
      "3: the account has a yes for looker in line 2 already"
    ),
  ]) func faultyAnswersAreNamedByLine(_ text: String, _ problem: String) {
    let error = #expect(throws: RowProblems.self) { try ReviewFile.decided(Array(text.utf8)) }
    #expect(error?.problems.first?.hasPrefix(problem) == true, "\(error?.description ?? "")")
  }

  @Test func aLinkThatCannotBeUsedIsRefused() {
    // NULL is a spreadsheet's word for nothing, not an id.
    let refusal = #expect(throws: MappingEdit.Refusal.self) {
      try edited("sf_account_id,system,candidate_id,answer\n001SBx000000001YAA,looker,NULL,yes\n", relinks: true)
    }
    #expect(refusal?.description.contains("nothing is written") == true)
  }

  @Test func aNoIsRememberedUntilAYes() throws {
    let id = try #require(SalesforceID("001SBx000000001YAA"))
    var refused = RefusedLinks()
    refused.add(id, .intercom, "c,1", by: "Ada", at: now)
    refused.add(id, .intercom, "c,1", by: "Bea", at: now)
    var read = try RefusedLinks(refused.csv)
    #expect(
      read == refused && read.count == 1 && read.contains(id, .intercom, "c,1") && !read.contains(id, .looker, "c,1"))
    read.remove(id, .intercom, "c,1")
    #expect(read.count == 0)
  }
}
