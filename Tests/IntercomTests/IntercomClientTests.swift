import Connectors
import Foundation
import HTTPClient
import Intercom
import TestSupport
import Testing

private func client(_ transport: ScriptedTransport) -> IntercomClient {
  let limit = RateLimit(requests: 10_000, window: .seconds(1), maximumConcurrency: 8)
  return IntercomClient(
    api: APIClient(transport: transport, limiter: RateLimiter(limit), time: VirtualTime().source),
    credentials: IntercomCredentials(baseURL: "https://intercom.example", token: "planted-token"),
    options: IntercomOptions(apiVersion: "2.16", rateLimit: limit))
}

private let company = "65f0000000000000000000c1"

/// The client against answers as Intercom documents them.
@Suite struct IntercomClientTests {
  @Test func aSearchIsFollowedByItsCursor() async throws {
    let transport = ScriptedTransport { request in
      try .fixture("intercom/conversations-search-\(request.text.contains("starting_after") ? 2 : 1).json")
    }
    let query = SearchQuery.all(SearchQuery.within("created_at", 1_790_812_800..<1_793_491_200))
    let first = try await client(transport).search(query, cursor: nil)
    #expect(first.totalCount == 13 && first.conversations.count == 7)
    let cursor = try #require(first.next)
    #expect(cursor == "WzE3OTE5NzIwMDAsMjE1NDcwMDAwMTA3LDJd==\n")
    let second = try await client(transport).search(query, cursor: cursor)
    #expect(second.next == nil && second.conversations.count == 7)
    #expect((first.conversations + second.conversations).allSatisfy { $0?.isOdd == false })
    let request = transport.requests[1]
    #expect(request.method == .post && request.url == "https://intercom.example/conversations/search")
    #expect(request.headers["Intercom-Version"] == "2.16")
    #expect(request.headers["Authorization"] == "Bearer planted-token")
    let body = try #require(JSONSerialization.jsonObject(with: Data(request.body ?? [])) as? [String: Any])
    #expect((body["pagination"] as? [String: Any])?["starting_after"] as? String == cursor)
  }

  @Test func companiesSayWhoTheyAre() async throws {
    let transport = ScriptedTransport { _ in
      .json(
        #"{"type":"list","data":[{"type":"company","id":"531ee472cce572a6ec000006","company_id":"c1","name":"Zorvalle","website":"http://www.zorvalle.example/","custom_attributes":{"crm_id":"001SBx000000001","seats":12,"paid":true,"note":null}},{"type":"company","id":"531ee472cce572a6ec000007","company_id":null,"name":null}],"total_count":2,"pages":{"type":"pages","page":1,"per_page":150,"total_pages":1}}"#
      )
    }
    let companies = try await client(transport).companyProfiles()
    #expect(companies.map(\.companyID) == ["c1", nil] && companies[0].website == "http://www.zorvalle.example/")
    #expect(companies[0].attributes == ["crm_id": "001SBx000000001", "seats": "12"])
  }

  @Test func moreCompaniesThanTheListHasAreScrolled() async throws {
    let transport = ScriptedTransport { request in
      if request.url.contains("/companies/list") {
        return .json(#"{"data":[],"total_count":12000,"pages":{"page":1,"total_pages":80}}"#)
      }
      let part = request.url.contains("scroll_param") ? (request.url.contains("p%201") ? "2" : "3") : "1"
      let company = #"{"id":"id\#(part)","company_id":"c\#(part)"}"#
      return .json(#"{"type":"list","data":[\#(part == "3" ? "" : company)],"scroll_param":"p \#(part)"}"#)
    }
    let companies = try await client(transport).companyProfiles()
    #expect(companies.map(\.id) == ["id1", "id2"])
    #expect(transport.requests.map(\.method) == [.post, .get, .get, .get])
  }

  @Test func aConversationIsReadAsItIsSent() async throws {
    let transport = ScriptedTransport { _ in try .fixture("intercom/conversations-search-1.json") }
    let page = try await client(transport).search(.any([]), cursor: nil)
    let all = page.conversations.compactMap(\.self)
    let rated = all[0]
    #expect(rated.id == "215470000101" && rated.createdAt == 1_791_191_727 && rated.priority == "high")
    #expect(rated.deliveredAs == "customer_initiated" && rated.tags == ["P1"] && rated.rating == 5)
    #expect(rated.company == CompanyReference(id: company, companyID: "c1"))
    #expect(rated.statistics.timeToAdminReply == 600 && rated.statistics.lastCloseAt == 1_791_195_327)
    // A rating that was asked for and not given is none; statistics may be null.
    #expect(all[1].rating == nil && all[1].tags == [" Urgent ", "Escalated"] && all[1].statistics.countReopens == 2)
    #expect(all[2].statistics.firstAdminReplyAt == nil && !all[2].statistics.isOdd)
    #expect(all[3].statistics.firstContactReplyAt == 1_791_922_245)
    #expect(all[6].company == nil && all[6].firstContact == "66b00000000000000000006b")
  }

  @Test(arguments: [
    ("company-by-company-id", "65f0000000000000000000c1"), ("company-by-company-id-single", "65f0000000000000000000c2"),
  ])
  func aCompanyIsFoundInEitherForm(_ file: String, _ id: String) async throws {
    let transport = ScriptedTransport { _ in try .fixture("intercom/\(file).json") }
    let found = try await client(transport).resolvedID(companyID: id.hasSuffix("1") ? "c1" : "c2", internalID: nil)
    #expect(found == id)
  }

  @Test func anUnknownCompanyIsNil() async throws {
    let transport = ScriptedTransport { request in
      try request.url.contains("company_id=")
        ? .fixture("intercom/company-by-company-id-none.json")
        : .fixture("intercom/error-404-company.json", status: 404)
    }
    #expect(try await client(transport).resolvedID(companyID: "c7", internalID: nil) == nil)
    #expect(transport.requests.count == 2)
  }

  @Test func listsAreReadByNumberAndByCursor() async throws {
    let transport = ScriptedTransport { request in
      if request.url.contains("/companies/list") {
        return try .fixture("intercom/companies-list-\(request.url.contains("page=2") ? 2 : 1).json")
      }
      return try .fixture("intercom/contacts-of-company-\(request.url.contains("starting_after") ? 2 : 1).json")
    }
    let companies = try #require(await client(transport).companies(atMost: 2))
    #expect(companies.map(\.companyID) == ["c1", "C2", "c9"])
    #expect(try await client(transport).companies(atMost: 1) == nil)
    let contacts = try await client(transport).contacts(ofCompany: company)
    #expect(contacts.count == 3 && contacts[0].companies?.data.first?.id == company)
  }

  @Test func aListThatRepeatsItselfEnds() async throws {
    let transport = ScriptedTransport { _ in try .fixture("intercom/contacts-of-company-1.json") }
    let error = await #expect(throws: SourceError.self) {
      try await client(transport).contacts(ofCompany: company)
    }
    #expect(error?.kind == .malformed && transport.requests.count < 5)
  }

  @Test func theFirstCompanyOfAContactCounts() async throws {
    let transport = ScriptedTransport { request in
      if request.url.contains("/gone/") { return try .fixture("intercom/error-404-contact.json", status: 404) }
      return try .fixture("intercom/companies-of-contact\(request.url.contains("/none/") ? "-none" : "").json")
    }
    guard case .company(let first) = try await client(transport).firstCompany(ofContact: "k1"),
      case .none = try await client(transport).firstCompany(ofContact: "none"),
      case .unknownContact = try await client(transport).firstCompany(ofContact: "gone")
    else {
      Issue.record("another answer")
      return
    }
    #expect(first == CompanyReference(id: company, companyID: "c1"))
  }

  /// The schema and the example of the documentation name the list differently.
  @Test func aContactsCompaniesHaveTwoNames() async throws {
    let transport = ScriptedTransport { _ in .json(#"{"type":"list","companies":[{"type":"company","id":"i7"}]}"#) }
    guard case .company(let first) = try await client(transport).firstCompany(ofContact: "k1") else {
      Issue.record("no company")
      return
    }
    #expect(first.id == "i7")
  }

  @Test func tagsAreListed() async throws {
    let transport = ScriptedTransport { _ in try .fixture("intercom/tags.json") }
    let tags = try #require(await client(transport).tags())
    #expect(tags.count == 7 && tags.contains(" Urgent ") && tags.contains("Wi-Fi &amp; keys"))
  }

  @Test(arguments: [("error-401", 401, SourceError.Kind.refused), ("error-400", 400, .malformed)])
  func aRefusalIsFinalAndSaysWhatToDo(_ file: String, _ status: Int, _ kind: SourceError.Kind) async throws {
    let transport = ScriptedTransport { _ in try .fixture("intercom/\(file).json", status: status) }
    let error = await #expect(throws: SourceError.self) { try await client(transport).search(.any([]), cursor: nil) }
    #expect(error?.kind == kind && transport.requests.count == 1)
    #expect(error?.message.contains("HTTP \(status)") == true && error?.message.contains("planted") == false)
  }
}
