import Connectors
import HTTPClient
import Jira
import TestSupport
import Testing

private func client(_ transport: ScriptedTransport) -> JiraClient {
  let limit = RateLimit(requests: 10_000, window: .seconds(1), maximumConcurrency: 8)
  return JiraClient(
    api: APIClient(transport: transport, limiter: RateLimiter(limit), time: VirtualTime().source),
    credentials: JiraCredentials(baseURL: "https://jira.example", email: "sample@jira.example", token: "t"))
}

private let query = JiraQuery(jql: "project = STAY", fields: ["project"], names: ["STAY", "Reopened", "OTE"])

/// The client against answers as Jira documents them, Cloud's and Server's.
@Suite struct JiraClientTests {
  @Test func whoWeAreTellsTheFlavour() async throws {
    let cloud = ScriptedTransport { _ in try .fixture("jira/myself.json") }
    #expect(try await client(cloud).flavour() == .cloud)
    #expect(cloud.requests[0].headers["Authorization"] == "Basic c2FtcGxlQGppcmEuZXhhbXBsZTp0")
    let server = ScriptedTransport { request in
      try request.url.hasSuffix("/rest/api/2/myself")
        ? .fixture("jira/myself-server.json") : .fixture("jira/error-404-server.json", status: 404)
    }
    #expect(try await client(server).flavour() == .server)
  }

  private func issues(
    _ flavour: JiraFlavour, _ transport: ScriptedTransport
  ) async throws -> (issues: [JiraIssue], received: Received) {
    var (issues, received) = ([JiraIssue](), Received())
    try await client(transport).issues(query, flavour, received: &received) { issue, _ in issues.append(issue) }
    return (issues, received)
  }

  @Test func cloudIsFollowedByTokens() async throws {
    let transport = ScriptedTransport { request in
      try .fixture("jira/search-jql-\(request.text.contains("nextPageToken") ? 2 : 1).json")
    }
    let (issues, received) = try await issues(.cloud, transport)
    #expect(issues.map { $0.id ?? "" } == (10101...10111).map { "\($0)" })
    #expect(received.pages == 2 && transport.requests.count == 2)
    #expect(issues[0].priority?.name == "Highest" && issues[0].components == ["Sample 0001"])
    #expect(issues[0].createdAt?.description == "2026-10-05T09:15:27.123Z")
    // Done without a resolution: when its category changed.
    #expect(issues[3].isDone && issues[3].resolution?.description == "2026-10-20T08:00:00Z")
    #expect(issues[4].priority == nil && issues[4].createdAt?.description == "2026-09-30T23:59:59.999Z")
    #expect(issues.filter { !$0.isReadable }.isEmpty)
  }

  @Test func projectsAndComponentsAreListed() async throws {
    let cloud = ScriptedTransport { request in
      if request.url.contains("/project/search") {
        let isFirst = request.url.contains("startAt=0")
        return .json(
          #"{"startAt":\#(isFirst ? 0 : 1),"isLast":\#(!isFirst),"values":[{"id":"1","key":"\#(isFirst ? "STAY" : "DESK")","name":"Stay"}]}"#
        )
      }
      return request.url.contains("/STAY/")
        ? .json(#"[{"id":"9","name":"North Wing","description":"Rooms"},{"id":"8","name":"Bar"}]"#)
        : .json(#"{"errorMessages":["no"]}"#, status: 403)
    }
    let jira = client(cloud)
    #expect(try await jira.projects(.cloud).map(\.key) == ["STAY", "DESK"])
    #expect(try await jira.componentList(ofProject: "STAY", .cloud)?.map(\.description) == ["Rooms", nil])
    #expect(try await jira.componentList(ofProject: "DESK", .cloud)?.count == nil)
    let server = ScriptedTransport { _ in .json(#"[{"key":"OLD","name":"Old"}]"#) }
    #expect(try await client(server).projects(.server).map(\.key) == ["OLD"])
    #expect(server.requests[0].url == "https://jira.example/rest/api/2/project")
  }

  @Test func serverIsFollowedByOffsets() async throws {
    let transport = ScriptedTransport { request in
      try .fixture("jira/search-server-\(request.text.contains("\"startAt\":3") ? 2 : 1).json")
    }
    let (issues, received) = try await issues(.server, transport)
    #expect(issues.compactMap(\.id) == ["20101", "20102", "20103", "20104", "20105"])
    #expect(received.announced == 5 && received.lost == 0)
  }

  @Test func historiesCrossPages() async throws {
    let transport = ScriptedTransport { request in
      try .fixture("jira/changelog-bulkfetch-\(request.text.contains("UxAQBFRF") ? 2 : 1).json")
    }
    var received = Received()
    let histories = try await client(transport).histories(of: ["10121", "10122"], received: &received)
    #expect(histories["10121"]?.count == 4 && histories["10122"]?.count == 1)
    let reopened = try #require(histories["10121"]?[2])
    // A number of seconds here, a text there.
    #expect(reopened.createdAt?.description == "2026-10-12T10:13:20Z" && reopened.items[0].newID == "4")
    #expect(histories["10122"]?[0].createdAt?.description == "2026-09-30T22:00:00Z")
  }

  @Test func namesAreListedWithTheirIDs() async throws {
    let transport = ScriptedTransport { request in
      let file =
        request.url.hasSuffix("/priority")
        ? "priorities"
        : request.url.hasSuffix("/status")
          ? "statuses" : request.url.hasSuffix("/statuses") ? "statuses-of-project" : "components"
      return try .fixture("jira/\(file).json")
    }
    let client = client(transport)
    #expect(try await client.priorities(.cloud)?.compactMap(\.id) == ["1", "2", "3", "4", "10000"])
    let statuses = try #require(await client.statuses(.cloud))
    #expect(statuses.first { $0.isMeant(by: "reopened") }?.queryName(for: "reopened") == "4")
    #expect(try await client.issueTypes(ofProject: "STAY", .cloud)?.compactMap(\.name) == ["Task", "Bug", "Sub-task"])
    #expect(
      try await client.components(ofProject: "STAY", .cloud) == ["sample 0001", "sample 0002", "spa & keys"])
  }

  @Test(arguments: [("error-400", ["Reopened"]), ("error-400-project", ["OTE"])])
  func aQueryThatIsNotTakenNamesWhatJiraDoesNotKnow(_ file: String, _ names: [String]) async throws {
    let transport = ScriptedTransport { _ in try .fixture("jira/\(file).json", status: 400) }
    let error = await #expect(throws: JiraQueryError.self) { try await issues(.cloud, transport) }
    #expect(error?.names == names && transport.requests.count == 1)
  }

  @Test(arguments: [(401, "error-401", SourceError.Kind.refused), (410, "error-410", .malformed)])
  func aRefusalIsFinal(_ status: Int, _ file: String, _ kind: SourceError.Kind) async throws {
    let transport = ScriptedTransport { _ in try .fixture("jira/\(file).json", status: status) }
    let error = await #expect(throws: SourceError.self) { try await issues(.cloud, transport) }
    #expect(error?.kind == kind && transport.requests.count == 1)
  }

  @Test func aProjectThatTheSiteLacksIsNil() async throws {
    let transport = ScriptedTransport { _ in try .fixture("jira/error-404.json", status: 404) }
    #expect(try await client(transport).components(ofProject: "NONE", .cloud) == nil)
  }
}
