import Formats
import FoundationEssentials
import Testing
import Time

@testable import Intercom
@testable import Jira
@testable import Looker
@testable import Salesforce

/// The scanner and `JSONDecoder` must read the same values from a page, and refuse the same pages.
@Suite struct VendorPageFuzzTests {
  private static let conversations = Array(
    #"{"type":"conversation.list","total_count":3,"pages":{"type":"pages","next":{"page":2,"starting_after":"c1"},"total_pages":2},"conversations":[{"type":"conversation","id":"215470","created_at":1759300000,"updated_at":1759310000,"state":"open","open":true,"priority":"high","company":{"id":"65a0","company_id":"sample-1"},"tags":{"tags":[{"id":"1","name":"P1"},{"name":"Escalated"}]},"contacts":{"contacts":[{"id":"66b1"},{"id":7}]},"source":{"delivered_as":"customer_initiated","body":"<p>a \"quoted\" text \u00e9 \\ 😀</p>"},"statistics":{"time_to_admin_reply":600,"first_admin_reply_at":1759300600,"last_close_at":1759310000,"count_reopens":1},"conversation_rating":{"rating":5},"custom_attributes":{"a":[1,2.5,{"b":null}]}},{"id":215471,"created_at":"1759300001","priority":null,"source":null,"statistics":null,"conversation_rating":null,"tags":null},null,17]}"#
      .utf8)

  private static let rows = Array(
    #"{"totalSize":2,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01g-2000","records":[{"attributes":{"type":"Payment_Record__c","url":"/x"},"Id":"a01SBx000000001AAA","Amount__c":12.5,"Flag__c":true,"Name":"x\ny","Owner":{"Name":"z"}},{"Id":null,"Amount__c":1e3,"Flag__c":false,"Name":"é"}]}"#
      .utf8)

  private static let table = Array(
    #"[{"v.brand_id":9001,"v.score":0.25,"v.month":"2026-10"},{"v.brand_id":"9002","v.score":null,"v.month":"2026-10"},{"v.brand_id":9003.0,"v.score":{"2026":1},"v.flag":true}]"#
      .utf8)

  @Test func conversationsAreReadAsJSONDecoderDoes() {
    for round in 0..<Fuzz.rounds {
      var fuzz = Fuzz("conversations", round: round)
      let body = round == 0 ? Self.conversations : fuzz.mutated(Self.conversations)
      guard !ReferenceJSON.isAnotherEncoding(body) else { continue }
      let expected = try? JSONBody.decode(ReferenceConversationPage.self, from: body)
      let page = try? ConversationPage(json: body)
      #expect((page == nil) == (expected == nil), shown(body))
      guard let page, let expected else { continue }
      #expect(page.totalCount == expected.totalCount, shown(body))
      #expect(page.next == expected.next, shown(body))
      #expect(page.conversations == expected.conversations, shown(body))
    }
  }

  @Test func rowsAreReadAsJSONDecoderDoes() {
    let names = ["Id", "Amount__c", "Flag__c", "Name", "Owner", "Absent__c"]
    let columns = SalesforceRow.Columns(names)
    for round in 0..<Fuzz.rounds {
      var fuzz = Fuzz("rows", round: round)
      let body = round == 0 ? Self.rows : fuzz.mutated(Self.rows)
      guard !ReferenceJSON.isAnotherEncoding(body) else { continue }
      let expected = try? JSONBody.decode(ReferenceQueryPage.self, from: body)
      let page = try? QueryPage(json: body, columns: columns)
      #expect((page == nil) == (expected == nil), shown(body))
      guard let page, let expected else { continue }
      #expect(page.totalSize == expected.totalSize && page.isDone == expected.done, shown(body))
      #expect(page.records.count == expected.records.count, shown(body))
      for (row, reference) in zip(page.records, expected.records) {
        for name in names { #expect(row.value(name) == reference.field(name)?.salesforce, shown(body)) }
      }
    }
  }

  @Test func tablesAreReadAsJSONDecoderDoes() {
    let columns = ["v.brand_id", "v.score", "v.month", "v.flag"]
    for round in 0..<Fuzz.rounds {
      var fuzz = Fuzz("tables", round: round)
      let body = round == 0 ? Self.table : fuzz.mutated(Self.table)
      guard !ReferenceJSON.isAnotherEncoding(body) else { continue }
      let expected = try? JSONBody.decode([ReferenceRow].self, from: body)
      let table = try? LookerTable(json: body, columns: columns)
      #expect((table == nil) == (expected == nil), shown(body))
      guard let table, let expected else { continue }
      #expect(table.rows.count == expected.count, shown(body))
      for (row, reference) in zip(table.rows, expected) {
        for (cell, name) in zip(row, columns) { #expect(cell == reference.field(name)?.looker, shown(body)) }
      }
    }
  }

  /// Decoders without a reference to compare with must at least not crash or hang.
  @Test func nothingThatAVendorSendsCrashesADecoder() {
    let bodies = [
      Self.conversations, Self.rows, Self.table,
      #"{"issues":[{"id":"1","fields":{"project":{"key":"STAY"},"components":[{"name":"a"}],"priority":{"name":"High"},"status":{"statusCategory":{"key":"done"}},"created":"2026-10-03T09:15:27.123+0000","resolutiondate":null},"changelog":{"total":1,"histories":[{"created":1791800000,"items":[{"field":"status","toString":"Reopened"}]}]}}],"isLast":true,"total":1,"issueChangeLogs":[{"issueId":"1","changeHistories":[{"created":"2026-10-03T09:15:27.123+0000","items":[]}]}]}"#
        .bytes,
      #"{"fields":[{"name":"Id","type":"id","updateable":false}],"id":"750","state":"JobComplete","contentUrl":"x","access_token":"t","instance_url":"https://x","expires_in":3600,"data":[{"id":"1","company_id":"c","companies":{"data":[{"id":1}]}}],"pages":{"next":"https://x","total_pages":2},"errors":[{"code":"x"}]}"#
        .bytes,
      #"[{"id":"a","success":true,"created":true,"errors":[]},{"success":false,"errors":[{"statusCode":"X"}]}]"#.bytes,
    ]
    for round in 0..<Fuzz.rounds {
      var fuzz = Fuzz("all", round: round)
      let body = fuzz.mutated(fuzz.pick(bodies))
      _ = try? JSONBody.decode(IssuePage.self, from: body)
      _ = try? JSONBody.decode(ChangelogPage.self, from: body)
      _ = try? JSONBody.decode(ObjectDescription.self, from: body)
      _ = try? JSONBody.decode(BulkJob.self, from: body)
      _ = try? JSONBody.decode(TokenAnswer.self, from: body)
      _ = try? JSONBody.decode(LoginAnswer.self, from: body)
      _ = try? JSONBody.decode([UpsertOutcome].self, from: body)
      _ = try? JSONBody.decode(ListPage<CompanyReference>.self, from: body)
      _ = try? JSONBody.decode(ListPage<Contact>.self, from: body)
      _ = try? JSONBody.decode(CompanyLookup.self, from: body)
      let text = String(decoding: body, as: UTF8.self)
      _ = XMLText.all("a", in: text)
      _ = Timestamp(iso8601: text)
      _ = SalesforceID(text)
    }
  }

  @Test func instantsNearEveryEdgeAreReadOrRefused() throws {
    for round in 0..<Fuzz.rounds {
      var fuzz = Fuzz("instants", round: round)
      let text = String(decoding: fuzz.mutated("2026-10-03T09:15:27.123+0000".bytes), as: UTF8.self)
      guard let instant = Timestamp(iso8601: text) else { continue }
      // A time that can be read can also be written and read again.
      #expect(Timestamp(iso8601: instant.description) == instant, "\(text)")
    }
  }
}

extension String {
  var bytes: [UInt8] { Array(utf8) }
}
