import Formats
import FoundationEssentials
import HTTPClient
import HealthModel
import HealthSources
import Intercom
import Time

/// How fast the product reads a realistic page of conversations, and how fast `JSONDecoder` reads the same page.
enum Pages {
  private struct Fixed: HTTPTransport {
    let response: HTTPResponse

    func send(_ request: HTTPRequest) async throws -> HTTPResponse { response }
  }

  static func measure() async throws -> [String: Double] {
    let body = page()
    let extraction = Extraction(
      period: Period(year: 2026, month: 10), asOf: Period(year: 2026, month: 10).end, isCurrent: true,
      accounts: [MappedAccount(line: 1, salesforceID: nil, name: "One", segment: .paid, intercomCompanyID: "sample-1")])
    let limit = RateLimit(requests: 1_000_000, window: .seconds(1), maximumConcurrency: 1)
    let options = IntercomOptions(apiVersion: "2.16", rateLimit: limit)
    let source = IntercomSource(
      client: IntercomClient(
        api: APIClient(transport: Fixed(response: HTTPResponse(status: 200, body: body)), limiter: RateLimiter(limit)),
        credentials: IntercomCredentials(baseURL: "https://bench.example", token: "t"), options: options),
      rules: IntercomRules(
        client: options, customerInitiated: ["customer_initiated"], customerAnswered: ["operator_initiated"],
        highPriorities: ["high"], highPriorityTags: ["p1"], escalationTags: ["escalated"], maximumSlices: 1),
      extraction: extraction)
    let plan = try await source.plan()
    let pages = try await rate {
      for slice in plan.slices { _ = try await source.read(slice) }
      return plan.slices.count
    }
    let decoded = try await rate {
      _ = try JSONBody.decode(DecodedPage.self, from: body)
      return 1
    }
    let megabytes = Double(body.count) / 1e6
    return [
      "page_megabytes": megabytes, "megabytes_per_second": pages * megabytes,
      "decoder_megabytes_per_second": decoded * megabytes,
    ]
  }

  /// 150 conversations with bodies of 1.5 KB.
  private static func page() -> [UInt8] {
    let text = String(repeating: "<p>Sample text of an invented guest about an invented stay.</p>", count: 24)
    let start = Period(year: 2026, month: 10).start.seconds
    let conversations = (0..<150).map { number in
      #"{"type":"conversation","id":"2154\#(number)","title":null,"created_at":\#(start + Int64(number) * 600),"updated_at":\#(start + 9000),"open":false,"state":"closed","read":true,"priority":"none","company":{"type":"company","id":"65a0\#(number)","company_id":"sample-1","name":"One"},"tags":{"type":"tag.list","tags":[{"type":"tag","id":"17","name":"P1"}]},"contacts":{"type":"contact.list","contacts":[{"type":"contact","id":"66b1","external_id":null}]},"source":{"type":"conversation","id":"s\#(number)","delivered_as":"customer_initiated","subject":"","body":"\#(text)","author":{"type":"user","id":"66b1","name":"Sample Guest","email":"guest@bench.example"}},"statistics":{"type":"conversation_statistics","time_to_admin_reply":600,"first_admin_reply_at":\#(start + 600),"last_close_at":\#(start + 9000),"count_reopens":0},"conversation_rating":{"rating":5},"custom_attributes":{},"sla_applied":null}"#
    }
    return Array(
      #"{"type":"conversation.list","total_count":150,"pages":{"type":"pages","page":1,"per_page":150,"total_pages":1},"conversations":[\#(conversations.joined(separator: ","))]}"#
        .utf8)
  }

  /// The same fields for `JSONDecoder`.
  private struct DecodedPage: Decodable {
    struct Conversation: Decodable {
      struct Company: Decodable {
        let id: String?
        let company_id: String?
      }
      struct Origin: Decodable { let delivered_as: String? }
      struct Tags: Decodable { let tags: [Tag] }
      struct Tag: Decodable { let name: String? }
      struct Contacts: Decodable { let contacts: [Contact] }
      struct Contact: Decodable { let id: String? }
      struct Rating: Decodable { let rating: Int? }
      struct Statistics: Decodable {
        let time_to_admin_reply: Double?
        let first_admin_reply_at: Double?
        let last_close_at: Double?
        let count_reopens: Double?
      }
      let id: String?
      let created_at: Int64?
      let priority: String?
      let source: Origin?
      let company: Company?
      let contacts: Contacts?
      let tags: Tags?
      let statistics: Statistics?
      let conversation_rating: Rating?
    }
    let total_count: Int?
    let conversations: [Conversation]
  }
}
