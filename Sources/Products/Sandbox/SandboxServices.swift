import Concurrency
import Foundation
import HTTPClient
import Time

/// All fake vendors, Lambda's APIs and the sinks (Rollbar, Slack) behind one handler. A server or a test calls it.
///
/// Each service has a path of its own: `/intercom`, `/jira`, `/looker`, `/salesforce`, `/rollbar`, `/slack`, `/s3`.
/// So have those that the cards are read from: `/simplefin`, `/smartlead`, `/hubspot`, `/bill`, `/zendesk`, `/bigquery`,
/// `/google`. DynamoDB is recognised by its `X-Amz-Target` header. `/usage` reports the requests since it was last read,
/// `/limits` the most that each vendor of the cards counted, beside what it allows. A POST to `/customers/change?count=` lets
/// so many things happen to the customers; one to `/down?service=` or `/up?service=` breaks or mends a service.
/// The Runtime and Invoke APIs are at the root, where their clients expect them.
public final class SandboxServices: Sendable {
  /// The data that all vendors serve.
  public let world: SandboxWorld
  /// The contacts that the customer sync reads.
  public let customers: CustomerWorld
  private let intercom: IntercomFake
  private let jira: JiraFake
  private let looker: LookerFake
  private let salesforce: SalesforceFake
  private let dynamoDB = DynamoDBFake()
  private let s3 = S3Fake()
  private let cardServices: CardServices
  private let broken = Lock<Set<String>>([])
  private let runtime: RuntimeAPIFake
  private let latency: Duration
  private let time: TimeSource
  private let sunk = Lock([String: [[UInt8]]]())
  private let usage = SandboxUsage()

  /// - Parameters:
  ///   - latency: Delay of every vendor's answer.
  ///   - timeout: The function's time-out. Its deadline header is computed from it.
  ///   - customers: Nil for the usual ones.
  ///   - cards: Nil for the usual ones.
  ///   - keepsLimits: Whether the vendors of the cards refuse what is more than they document.
  public init(
    world: SandboxWorld, customers: CustomerWorld? = nil, cards: CardWorld? = nil, latency: Duration = .zero,
    timeout: Duration = .seconds(900), keepsLimits: Bool = false, time: TimeSource = .system
  ) {
    self.world = world
    let customers = customers ?? CustomerWorld(now: time.now)
    self.customers = customers
    self.latency = latency
    self.time = time
    intercom = IntercomFake(world: world, customers: customers, time: time)
    jira = JiraFake(world: world, time: time)
    looker = LookerFake(world: world)
    salesforce = SalesforceFake(world: world)
    cardServices = CardServices(cards ?? CardWorld(now: time.now), keepsLimits: keepsLimits, time: time)
    runtime = RuntimeAPIFake(time: time, timeout: timeout)
  }

  /// The business that the cards are about; a change shows in the next answer.
  public var cards: CardWorld {
    get { cardServices.world.withLock { $0 } }
    set { cardServices.world.withLock { $0 = newValue } }
  }

  /// Lets a service answer HTTP 503 to everything, or no longer.
  public func setBroken(_ service: String, _ isBroken: Bool = true) {
    broken.withLock { if isBroken { $0.insert(service) } else { $0.remove(service) } }
  }

  /// How many requests each vendor of the cards counted at most, by window, beside what it allows.
  public var cardLimits: [String: [String: [String: Int]]] { cardServices.peaks }

  /// The environment variables with which a process uses this sandbox.
  public static func environment(base: String) -> [String: String] {
    [
      "ENVIRONMENT": "sandbox", "INTERCOM_API_TOKEN": IntercomFake.token, "INTERCOM_BASE_URL": base + "/intercom",
      "JIRA_BASE_URL": base + "/jira", "JIRA_EMAIL": JiraFake.email, "JIRA_API_TOKEN": JiraFake.token,
      "LOOKER_BASE_URL": base + "/looker", "LOOKER_CLIENT_ID": LookerFake.clientID,
      "LOOKER_CLIENT_SECRET": LookerFake.clientSecret, "SF_LOGIN_URL": base + "/salesforce",
      "SF_CLIENT_ID": SalesforceFake.clientID, "SF_CLIENT_SECRET": SalesforceFake.clientSecret,
      "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDSANDBOX", "AWS_SECRET_ACCESS_KEY": "sandbox",
      "AWS_SESSION_TOKEN": "", "AWS_ENDPOINT_URL_DYNAMODB": base + "/dynamodb", "AWS_ENDPOINT_URL_S3": base + "/s3",
      // A proxy of the user's environment must not be used for the loopback interface.
      "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost",
    ].merging(CardServices.environment(base: base)) { first, _ in first }
  }

  /// Makes data that the first requests would otherwise wait for. Takes seconds for a large world.
  public func prepare() {
    intercom.prepare()
    // Making the warehouse's key takes up to a second.
    _ = BigQueryFake.credentials
  }

  /// The bodies that a sink has received, in order. Sinks are `rollbar` and `slack`.
  public func received(by sink: String) -> [[UInt8]] { sunk.withLock { $0[sink] ?? [] } }

  /// A DynamoDB table's items: attribute → value as text.
  public func items(in table: String) -> [[String: String]] { dynamoDB.items(in: table) }

  /// `bucket/key` of every stored object, in order.
  public var storedObjects: [String] { s3.paths }

  /// An object in S3 by its `bucket/key`; nil if there is none.
  public func storedObject(_ path: String) -> [UInt8]? { s3.object(path) }

  /// The rows of an object in Salesforce: values as text by field, without null fields.
  public func salesforceRows(of object: String) -> [[String: String]] {
    salesforce.state.withLock { state in
      (state.tables[object]?.rows ?? []).map { row in
        row.compactMapValues { value in
          switch value {
          case .null: nil
          case .flag(let flag): "\(flag)"
          case .number(let number): "\(number)"
          case .text(let text): text
          }
        }
      }
    }
  }

  /// Answers a request whose URL is a path and query.
  ///
  /// - Parameter base: Scheme and host that the client used, for answers that contain a URL.
  public func respond(to request: HTTPRequest, base: String) async -> HTTPResponse {
    let service =
      request.headers["X-Amz-Target"] != nil
      ? "dynamodb" : String(request.url.dropFirst().prefix { $0 != "/" && $0 != "?" })
    let whole = SandboxTarget(request.url)
    if let response = await runtime.respond(request, whole) { return response }
    let target = SandboxTarget(String(request.url.dropFirst(service.count + 1)))
    if service == "usage" {
      // Reading the report resets it.
      defer { usage.reset() }
      return SandboxJSON.response(usage.report)
    }
    if service == "customers", request.method == .post {
      // A new contact can't be searched for in its first minutes.
      customers.change(at: time.now.advanced(bySeconds: -600), count: target.query["count"].flatMap { Int($0) })
      let size = customers.size
      return SandboxJSON.response(["contacts": size.contacts, "conversations": size.conversations])
    }
    if service == "limits" { return SandboxJSON.response(cardLimits) }
    if ["down", "up"].contains(service), request.method == .post {
      setBroken(target.query["service"] ?? "", service == "down")
      return SandboxJSON.response(["broken": broken.withLock { $0.sorted() }])
    }
    usage.note(request, service, target)
    if broken.withLock({ $0.contains(service) }) {
      return HTTPResponse(status: 503, headers: ["Content-Type": "text/plain"], body: Array("down\n".utf8))
    }
    let (latency, time) = (latency, time)
    if let response = await cardServices.respond(
      service, request, target, base: base, wait: { if latency > .zero { try? await time.sleep(latency) } })
    {
      return response
    }
    if latency > .zero { try? await time.sleep(latency) }
    switch service {
    case "intercom": return intercom.respond(request, target)
    case "jira": return jira.respond(request, target)
    case "looker": return looker.respond(request, target)
    case "salesforce": return salesforce.respond(request, target, base: base + "/salesforce")
    case "rollbar":
      sink(request, service)
      return SandboxJSON.response(["err": 0, "result": ["id": NSNull(), "uuid": "sandbox"]])
    case "slack":
      sink(request, service)
      return HTTPResponse(status: 200, headers: ["Content-Type": "text/plain"], body: Array("ok".utf8))
    case "dynamodb": return dynamoDB.respond(request)
    case "s3": return s3.respond(request, target)
    default: return HTTPResponse(status: 404, body: Array("the sandbox has no such service\n".utf8))
    }
  }

  private func sink(_ request: HTTPRequest, _ name: String) {
    sunk.withLock { $0[name, default: []].append(request.body ?? []) }
  }

  /// Hands an event to the function that polls this sandbox.
  ///
  /// - Returns: The answer, or the function error's body and type.
  public func invoke(_ event: [UInt8]) async -> (body: [UInt8], errorType: String?) {
    let outcome = await runtime.invoke(event)
    return (outcome.body, outcome.errorType)
  }

  /// Ends all waiting polls and calls. Callers get the reason as a function error.
  public func close(because reason: String) {
    runtime.close(with: .init(body: Array(reason.utf8), errorType: "Runtime.ExitError"))
  }
}
