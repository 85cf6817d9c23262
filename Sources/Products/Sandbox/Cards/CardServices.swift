import Concurrency
import HTTPClient
import Time

/// The fakes of the vendors that the cards are read from.
final class CardServices: Sendable {
  let world: Lock<CardWorld>
  private let keepsLimits: Bool
  private let simpleFIN: SimpleFINFake
  private let smartlead: SmartleadFake
  private let hubSpot: HubSpotFake
  private let bill: BILLFake
  private let zendesk: ZendeskFake
  private let bigQuery: BigQueryFake

  init(_ world: CardWorld, keepsLimits: Bool, time: TimeSource) {
    self.world = Lock(world)
    self.keepsLimits = keepsLimits
    simpleFIN = SimpleFINFake(time: time)
    smartlead = SmartleadFake(time: time)
    hubSpot = HubSpotFake(time: time)
    bill = BILLFake(time: time)
    zendesk = ZendeskFake(time: time)
    bigQuery = BigQueryFake(time: time)
  }

  static func environment(base: String) -> [String: String] {
    [
      "SIMPLEFIN_ACCESS_URL": SimpleFINFake.accessURL(base: base), "SMARTLEAD_API_KEY": SmartleadFake.key,
      "SMARTLEAD_BASE_URL": base + "/smartlead/api/v1", "HUBSPOT_ACCESS_TOKEN": HubSpotFake.token,
      "HUBSPOT_BASE_URL": base + "/hubspot", "BILLCOM_API_KEY": BILLFake.developerKey,
      "BILLCOM_ORG_ID": BILLFake.organization, "BILLCOM_USERNAME": BILLFake.username,
      "BILLCOM_PASSWORD": BILLFake.password, "BILLCOM_BASE_URL": base + "/bill/connect",
      "ZENDESK_BASE_URL": base + "/zendesk", "ZENDESK_CLIENT_ID": ZendeskFake.clientID,
      "ZENDESK_CLIENT_SECRET": ZendeskFake.clientSecret, "BIGQUERY_PROJECT": BigQueryFake.project,
      "BIGQUERY_CREDENTIALS": BigQueryFake.credentials, "BIGQUERY_BASE_URL": base + "/bigquery",
      "GOOGLE_OAUTH_BASE_URL": base + "/google",
    ]
  }

  var peaks: [String: [String: [String: Int]]] {
    [
      "simplefin": simpleFIN.limits.peaks, "smartlead": smartlead.limits.peaks, "hubspot": hubSpot.limits.peaks,
      "bill": bill.limits.peaks, "zendesk": zendesk.limits.peaks,
    ]
  }

  /// - Parameter wait: Takes as long as vendors do.
  /// - Returns: Nil where the service is none of these.
  func respond(
    _ service: String, _ request: HTTPRequest, _ target: SandboxTarget, base: String, wait: () async -> Void
  ) async -> HTTPResponse? {
    let world = world.withLock { $0 }
    switch service {
    case "simplefin":
      await wait()
      return simpleFIN.respond(request, target, base: base, world)
    case "smartlead":
      await wait()
      return smartlead.respond(request, target, world, isStrict: keepsLimits)
    case "hubspot":
      await wait()
      return hubSpot.respond(request, target, world, isStrict: keepsLimits)
    case "bill": return await bill.respond(request, target, world, isStrict: keepsLimits, wait: wait)
    case "zendesk":
      await wait()
      return zendesk.respond(request, target, world, isStrict: keepsLimits)
    case "bigquery", "google":
      await wait()
      return bigQuery.respond(request, target, world)
    default: return nil
    }
  }
}
