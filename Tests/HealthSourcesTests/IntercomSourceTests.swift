import Concurrency
import Connectors
import Formats
import Foundation
import HTTPClient
import HealthModel
import TestSupport
import Testing

@testable import HealthSources
@testable import Intercom

/// A conversation in the format that is documented for API version 2.16, with the given values.
private func conversation(
  _ id: String, company: String? = "c1", createdAt: Int64 = 1_791_000_000, closedAt: Int64? = nil,
  deliveredAs: String = "customer_initiated", priority: String = "none", tags: [String] = [], reply: String = "null",
  reopens: String = "0", rating: String = "null", contact: String = "k1"
) -> String {
  let companyJSON = company.map { #"{"type":"company","id":"i-\#($0)","company_id":"\#($0)"}"# } ?? "null"
  let tagJSON = tags.map { #"{"type":"tag","id":"1","name":"\#($0)"}"# }.joined(separator: ",")
  return """
    {"type":"conversation","id":"\(id)","created_at":\(createdAt),"priority":"\(priority)","company":\(companyJSON),\
    "source":{"type":"conversation","delivered_as":"\(deliveredAs)","body":"<p>x</p>"},\
    "tags":{"type":"tag.list","tags":[\(tagJSON)]},"contacts":{"type":"contact.list","contacts":[{"id":"\(contact)"}]},\
    "statistics":{"time_to_admin_reply":\(reply),"first_admin_reply_at":\(reply == "null" ? "null" : "1"),\
    "last_close_at":\(closedAt.map { "\($0)" } ?? "null"),"count_reopens":\(reopens)},\
    "conversation_rating":\(rating)}
    """
}

private func page(_ conversations: [String], total: Int, next: String? = nil) -> HTTPResponse {
  let nextJSON = next.map { #","next":{"page":2,"starting_after":"\#($0)"}"# } ?? ""
  return .json(
    #"{"type":"conversation.list","total_count":\#(total),"pages":{"type":"pages","page":1\#(nextJSON)},"conversations":[\#(conversations.joined(separator: ","))]}"#
  )
}

private func source(_ answer: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse) throws -> (
  IntercomSource, ScriptedTransport
) {
  let transport = ScriptedTransport { try answer($0) }
  return (try IntercomSource(transport), transport)
}

private let companyNotFound = HTTPResponse.json(
  #"{"type":"error.list","request_id":null,"errors":[{"code":"company_not_found","message":"Company Not Found"}]}"#,
  status: 404)

private func observe(_ conversations: [String]) async throws -> [AccountFacts] {
  let (source, _) = try source { request in
    guard request.url.hasSuffix("/conversations/search") else { return companyNotFound }
    return page(conversations, total: conversations.count)
  }
  return try await source.observeAll().accounts
}

@Suite struct IntercomTests {
  @Test func countsWhatTheModelAsksFor() async throws {
    let facts = try await observe([
      conversation("1", priority: "high", reply: "600", rating: #"{"rating":5}"#),
      conversation("2", tags: [" P2 "], reply: "1200", reopens: "2", rating: #"{"rating":2}"#),
      conversation("3", tags: ["Escalated", "p20"], reply: "-5"),
      conversation("4", closedAt: 1_791_003_600, rating: #"{"rating":null}"#),
      conversation("5", deliveredAs: "admin_initiated", priority: "urgent"),
      // Closed in the month, created long before: only its resolution counts.
      conversation("6", createdAt: 1_780_000_000, closedAt: 1_791_000_000),
      // Created before and closed after: nothing counts.
      conversation("7", createdAt: 1_780_000_000, closedAt: 1_799_000_000),
    ])
    let observations = facts[0].observations
    #expect(observations[.totalConversations] == .value(4))
    #expect(observations[.p1p2] == .value(50))
    #expect(observations[.escalation] == .value(25))
    #expect(observations[.reopenRate] == .value(25))
    #expect(observations[.medianFirstResponse] == .value(900))
    #expect(observations[.medianResolution] == .value((3600 + 11_000_000) / 2))
    #expect(observations[.csatScore] == .value(3.5))
    #expect(observations[.csatResponseRate] == .value(50))
    #expect(observations[.unanswered] == .value(25))
  }

  @Test func silenceIsNotPerfect() async throws {
    let (source, _) = try source { request in
      if request.url.hasSuffix("/conversations/search") { return page([], total: 0) }
      return request.url.contains("company_id=c1")
        ? .json(#"{"type":"company","id":"i","company_id":"c1"}"#) : companyNotFound
    }
    let facts = try await source.observeAll().accounts
    #expect(facts[0].observations[.totalConversations] == .value(0))
    for metric in IntercomSource.monthly where metric != .totalConversations {
      #expect(facts[0].observations[metric] == .missing(.noData), "\(metric)")
    }
    // An id that Intercom does not know is never zero conversations.
    #expect(facts[1].observations[.totalConversations] == .missing(.notFound))
    #expect(facts[2].observations[.totalConversations] == .missing(.notMapped))
  }

  @Test func asksAsDocumented() async throws {
    let (source, transport) = try source { _ in page([conversation("1")], total: 1) }
    _ = try await source.plan()
    let request = try #require(transport.requests.first)
    #expect(request.headers["Intercom-Version"] == "2.16")
    #expect(request.headers["Authorization"] == "Bearer t")
    let body = try #require(try JSONSerialization.jsonObject(with: Data(request.body ?? [])) as? [String: Any])
    #expect((body["pagination"] as? [String: Any])?["per_page"] as? Int == 150)
    let query = try #require(body["query"] as? [String: Any])
    #expect(query["operator"] as? String == "OR")
    let groups = try #require(query["value"] as? [[String: Any]])
    #expect(groups.count == 2)
    let bounds = try #require(groups[0]["value"] as? [[String: Any]])
    // October 2026 in epoch seconds, one second wider on both sides.
    #expect(bounds.map { $0["value"] as? Int } == [1_790_812_799, 1_793_491_201])
  }

  /// The vendor ignores the bounds and returns every conversation to every slice. Each still counts once.
  @Test func slicesCountEachConversationOnce() async throws {
    let start: Int64 = 1_790_812_800
    let all = [
      // Created in an early slice and closed in a late one.
      conversation("1", createdAt: start + 86_400, closedAt: start + 29 * 86_400),
      conversation("2", createdAt: start + 3600, closedAt: start + 7200),
      // Created before the month, closed late in it.
      conversation("3", createdAt: start - 3600, closedAt: start + 20 * 86_400),
    ]
    let isFirst = Lock(true)
    let (source, transport) = try source { request in
      guard request.url.hasSuffix("/conversations/search") else { return companyNotFound }
      let isProbe = isFirst.withLock { first in
        defer { first = false }
        return first
      }
      return page(all, total: isProbe ? 4000 : all.count)
    }
    let plan = try await source.plan()
    #expect(plan.slices.count == 8)
    var observed = IntercomPartial()
    for slice in plan.slices { observed.merge(try await source.read(slice)) }
    #expect(transport.requests.count { $0.url.hasSuffix("/conversations/search") } == 9)
    #expect(observed.received.used == 3)
    let observations = observed.byAccount(accounts: 1)[0].map { ConversationTally($0).observations } ?? [:]
    #expect(observations[.totalConversations] == .value(2))
    #expect(observations[.medianResolution] == .value(Double(20 * 86_400 + 3600)))
  }

  @Test func matchesTheInternalIdToo() async throws {
    let facts = try await observe([
      conversation("1").replacing(#""company_id":"c1""#, with: #""company_id":"other""#).replacing("i-c1", with: "c1")
    ])
    #expect(facts[0].observations[.totalConversations] == .value(1))
  }

  @Test func followsCursorsAndDropsDuplicates() async throws {
    let (source, _) = try source { request in
      guard request.url.hasSuffix("/conversations/search") else { return companyNotFound }
      return request.text.contains("second")
        ? page([conversation("2"), conversation("3")], total: 3)
        : page([conversation("1"), conversation("2")], total: 3, next: "second")
    }
    let observed = try await source.observeAll()
    #expect(observed.accounts[0].observations[.totalConversations] == .value(3))
    #expect(observed.received.skipped["duplicate"] == 1)
    #expect(observed.received.announced == 3)
    #expect(observed.received.used == 3)
  }

  @Test(arguments: [
    // The cursor never ends.
    (
      #"{"type":"conversation.list","total_count":9,"pages":{"next":{"starting_after":"same"}},"conversations":[]}"#,
      200
    ),
    // Fewer rows than announced.
    (#"{"type":"conversation.list","total_count":9,"pages":{},"conversations":[]}"#, 200),
    ("<html>maintenance</html>", 200), (#"{"conversations":"none"}"#, 200), ("{}", 500),
  ])
  func aSliceThatCannotBeReadMakesEverythingUnavailable(_ body: String, _ status: Int) async throws {
    let isFirst = Lock(true)
    let (source, _) = try source { request in
      let isProbe = isFirst.withLock { first in
        defer { first = false }
        return first
      }
      return isProbe ? page([conversation("1")], total: 1) : .json(body, status: status)
    }
    let facts = try await source.observeAll().accounts
    for metric in IntercomSource.monthly { #expect(facts[0].observations[metric] == .missing(.unavailable)) }
    #expect(facts[2].observations[.csatScore] == .missing(.notMapped))
  }

  /// A record that belongs to no company is left out. If more than one in 20 are, the counts are unavailable.
  @Test(arguments: [(25, Observation.value(26)), (3, .missing(.unavailable))])
  func aRecordThatSaysNothingIsCountedOut(_ others: Int, _ expected: Observation) async throws {
    let (source, _) = try source { request in
      guard request.url.hasSuffix("/conversations/search") else { return companyNotFound }
      return page(
        (0..<others).map { conversation("\($0)") } + [
          #"{"id":"x2","created_at":"yesterday"}"#,
          #"{"id":300,"created_at":"1791000000","company":{"company_id":"c1"},"source":{"delivered_as":"customer_initiated"},"statistics":null,"tags":null}"#,
        ], total: others + 2)
    }
    // One record has neither a company nor a contact.
    let observed = try await source.observeAll()
    #expect(
      observed.accounts[0].observations[.totalConversations] == expected || observed.received.skipped["no company"] == 1
    )
    #expect(observed.received.skipped["no company"] == 1)
  }

  @Test func aRecordThatCannotBeReadSpoilsItsOwnAccountOnly() async throws {
    let odd = conversation("2").replacing(#""delivered_as":"customer_initiated""#, with: #""delivered_as":null"#)
    let (source, _) = try source { request in
      guard request.url.hasSuffix("/conversations/search") else { return companyNotFound }
      return page([conversation("1"), odd, conversation("3", company: "c2")], total: 3)
    }
    let observed = try await source.observeAll()
    for metric in IntercomSource.monthly {
      #expect(observed.accounts[0].observations[metric] == .missing(.unavailable), "\(metric)")
    }
    #expect(observed.accounts[1].observations[.totalConversations] == .value(1))
    #expect(observed.problem?.contains("can't be read") == true)
  }

  @Test func conversationsWithoutACompanyCountForTheirContactsFirst() async throws {
    let (source, transport) = try source { request in
      if request.url.contains("/companies/i1/contacts") {
        return .json(
          #"{"type":"list","data":[{"id":"k1","companies":{"data":[{"id":"i1"}]}},{"id":"k9","companies":{"data":[{"id":"elsewhere"}]}}],"pages":{"total_pages":1}}"#
        )
      }
      if request.url.contains("company_id=c1") { return .json(#"{"id":"i1","company_id":"c1"}"#) }
      if request.url.contains("/companies") { return companyNotFound }
      let all = [conversation("1", company: nil), conversation("2", company: nil, contact: "stranger")]
      return page(all, total: 2)
    }
    let facts = try await source.observeAll().accounts
    #expect(facts[0].observations[.totalConversations] == .value(1))
    #expect(facts[1].observations[.totalConversations] == .missing(.notFound))
    // One search plans and one reads: the window is not read a second time.
    #expect(transport.requests.count { $0.url.hasSuffix("/conversations/search") } == 2)
  }

  /// Most conversations come from visitors without a company. The one with a company counts for that company, not for
  /// another company of its contact.
  @Test func theMajorityDecidesForNobody() async throws {
    let (source, _) = try source { request in
      if request.url.hasSuffix("/conversations/search") {
        return page(
          [conversation("1", contact: "k7")]
            + (2..<40).map { conversation("\($0)", company: nil, contact: "visitor\($0)") },
          total: 39)
      }
      if request.url.contains("/contacts/k7/companies") {
        return .json(#"{"type":"list","data":[{"id":"i2","company_id":"c2"}],"pages":{"total_pages":1}}"#)
      }
      if request.url.contains("company_id=c2") { return .json(#"{"id":"i2","company_id":"c2"}"#) }
      if request.url.contains("company_id=c1") { return .json(#"{"id":"i1","company_id":"c1"}"#) }
      if request.url.contains("/contacts?") {
        return .json(#"{"type":"list","data":[],"total_count":0,"pages":{"total_pages":1}}"#)
      }
      return companyNotFound
    }
    let facts = try await source.observeAll().accounts
    #expect(facts[0].observations[.totalConversations] == .value(1))
    #expect(facts[1].observations[.totalConversations] == .value(0))
  }

  /// If only a few conversations have no company, the companies of their contacts are requested one by one.
  @Test func fewContactsAreLookedUp() async throws {
    let (source, transport) = try source { request in
      if request.url.contains("/contacts/k1/companies") {
        return .json(#"{"type":"list","data":[{"id":"i2","company_id":"c2"}],"pages":{"total_pages":1}}"#)
      }
      if request.url.contains("company_id=c1") { return .json(#"{"id":"i1","company_id":"c1"}"#) }
      return request.url.hasSuffix("/conversations/search")
        ? page([conversation("1", company: nil), conversation("2")], total: 2) : companyNotFound
    }
    let facts = try await source.observeAll().accounts
    #expect(facts.prefix(2).map { $0.observations[.totalConversations] } == [.value(1), .value(1)])
    #expect(!transport.requests.contains { $0.url.contains("/contacts?") })
  }

  @Test(arguments: ["C1", "c1 ", "C1&amp;Co", "c1&#38;co"]) func aCompanyMayBeSpelledOtherwise(_ spelling: String)
    async throws
  {
    let transport = ScriptedTransport { request in
      if request.url.hasSuffix("/conversations/search") {
        let one = conversation("1").replacing(#""company_id":"c1""#, with: #""company_id":"\#(spelling)""#)
        return page([one], total: 1)
      }
      return request.url.contains("company_id=")
        ? .json(#"{"id":"i-c1","company_id":"\#(spelling)"}"#) : companyNotFound
    }
    let name = spelling.contains("&") ? "C1&Co" : "c1"
    let source = try IntercomSource(
      transport,
      Extraction(
        period: october.period, asOf: october.asOf, isCurrent: true,
        accounts: [MappedAccount(line: 2, salesforceID: nil, name: "One", segment: .paid, intercomCompanyID: name)]))
    #expect(try await source.observeAll().accounts[0].observations[.totalConversations] == .value(1))
  }

  /// A configured tag that the workspace lacks would count zero, a perfect score. The metric is not configured instead.
  @Test(arguments: [
    nil, #"{"type":"list","data":[{"id":"1","name":"Escalated to T2"},{"id":"2","name":"P1 - outage"}]}"#,
  ])
  func tagsOfOtherNamesAreNotConfigured(_ tags: String?) async throws {
    let (source, _) = try source { request in
      if request.url.hasSuffix("/tags") { return tags.map { .json($0) } ?? companyNotFound }
      guard request.url.hasSuffix("/conversations/search") else { return companyNotFound }
      return page((0..<20).map { conversation("\($0)", tags: ["Escalated to T2", "P1 - outage"]) }, total: 20)
    }
    let observed = try await source.observeAll()
    let observations = observed.accounts[0].observations
    #expect(observations[.escalation] == .missing(.notConfigured))
    #expect(observations[.p1p2] == .missing(.notConfigured))
    #expect(observations[.totalConversations] == .value(20))
    #expect(
      observed.warnings.count == 2 && observed.warnings.allSatisfy { $0.contains("Escalated to T2, P1 - outage") })
  }

  @Test func aConversationThatABotOpenedCountsWhereTheCustomerWrote() async throws {
    let opened = conversation("1", deliveredAs: "operator_initiated")
    let answered = opened.replacing(#""count_reopens""#, with: #""first_contact_reply_at":1791000060,"count_reopens""#)
      .replacing(#""id":"1""#, with: #""id":"2""#)
    let facts = try await observe([opened, answered])
    #expect(facts[0].observations[.totalConversations] == .value(1))
  }

  @Test func rowsThatDidNotComeAreSaidAndTheRestCounts() async throws {
    let (source, _) = try source { request in
      guard request.url.hasSuffix("/conversations/search") else { return companyNotFound }
      return page((0..<30).map { conversation("\($0)") }, total: 31)
    }
    let observed = try await source.observeAll()
    #expect(observed.accounts[0].observations[.totalConversations] == .value(30))
    #expect(observed.received.lost == 1)
  }

  @Test func aRefusedTokenSaysWhatToCheck() async throws {
    let (source, _) = try source { _ in
      .json(#"{"errors":[{"code":"unauthorized","message":"secret@x.example"}]}"#, status: 401)
    }
    let error = await #expect(throws: SourceError.self) { try await source.plan() }
    #expect(error?.kind == .refused)
    #expect(error?.message.contains("INTERCOM_API_TOKEN") == true)
    #expect(error?.message.contains("secret@") == false)
  }

  @Test func partialsMergeInAnyOrder() throws {
    func partial(_ responses: [Double]) -> IntercomPartial {
      var partial = IntercomPartial()
      partial.conversations = [
        responses.map { seconds in
          var conversation = CountedConversation(account: 0)
          conversation.traits = .created
          conversation.firstResponse = seconds
          return conversation
        }
      ]
      return partial
    }
    let (first, second) = (partial([5, 1]), partial([3]))
    var (forth, back) = (first, second)
    forth.merge(second)
    back.merge(first)
    let tallies = [forth, back].map { $0.byAccount(accounts: 1)[0].map { ConversationTally($0) } }
    #expect(tallies[0]?.observations == tallies[1]?.observations)
    #expect(tallies[0]?.observations[.medianFirstResponse] == .value(3))
    // A partial result that is stored and read back is unchanged.
    let stored = try JSONBody.decode(IntercomPartial.self, from: JSONBody.encode(forth))
    #expect(stored.conversations == forth.conversations)
  }

  /// Intercom's API specification has a list of companies where its text documents one company. Both are read.
  @Test(arguments: [
    (#"{"type":"list","data":[{"type":"company","id":"i","company_id":"c1"}],"total_count":1}"#, Observation.value(0)),
    (#"{"type":"list","data":[],"total_count":0}"#, .missing(.notFound)),
  ])
  func understandsAListOfCompanies(_ body: String, _ expected: Observation) async throws {
    let (source, _) = try source { request in
      if request.url.hasSuffix("/conversations/search") { return page([], total: 0) }
      return request.url.contains("company_id=c1") ? .json(body) : companyNotFound
    }
    #expect(try await source.observeAll().accounts[0].observations[.totalConversations] == expected)
  }

  @Test func aLookUpThatFailsIsAProblemNotAZero() async throws {
    let (source, _) = try source { request in
      request.url.hasSuffix("/conversations/search") ? page([], total: 0) : .json("{}", status: 500)
    }
    let observed = try await source.observeAll()
    #expect(observed.accounts[0].observations[.totalConversations] == .missing(.unavailable))
    #expect(observed.problem?.contains("unclear") == true)
  }

  @Test func oddElementsDoNotCostTheirLists() async throws {
    let odd = conversation("1", tags: ["P1"]).replacing(#""tags":["#, with: #""tags":[null,7,"#)
      .replacing(#""contacts":["#, with: #""contacts":[null,"#)
    let (source, _) = try source { request in
      request.url.hasSuffix("/conversations/search")
        ? page([odd, "null"] + (2..<30).map { conversation("\($0)", tags: ["P1"]) }, total: 30) : companyNotFound
    }
    let observed = try await source.observeAll()
    #expect(observed.accounts[0].observations[.p1p2] == .value(100))
    #expect(observed.received.skipped["malformed"] == 1)
  }

  @Test func contactsAreListedByCursor() async throws {
    let (source, transport) = try source { request in
      if request.url.contains("/contacts?") {
        return request.url.contains("starting_after=next")
          ? .json(
            #"{"type":"list","data":[{"id":"k2","companies":{"data":[{"id":"i1"}]}}],"total_count":2,"pages":{"total_pages":2}}"#
          )
          : .json(
            #"{"type":"list","data":[{"id":"k1","companies":{"data":[{"id":"i1"}]}}],"total_count":2,"pages":{"total_pages":2,"next":{"page":2,"starting_after":"next"}}}"#
          )
      }
      if request.url.contains("company_id=c1") { return .json(#"{"id":"i1","company_id":"c1"}"#) }
      if request.url.contains("/companies") { return companyNotFound }
      return page([conversation("1", company: nil), conversation("2", company: nil, contact: "k2")], total: 2)
    }
    #expect(try await source.observeAll().accounts[0].observations[.totalConversations] == .value(2))
    #expect(transport.requests.count { $0.url.contains("/contacts?") } == 2)
  }
}
