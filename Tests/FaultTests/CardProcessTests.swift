import CardModel
import Foundation
import Sandbox
import TestSupport
import Testing
import Time

/// The cards by the command line, as processes against a sandbox that keeps its vendors' limits.
@Suite struct CardProcessTests {
  private func serve(
    latency: Duration = .zero,
    _ body: @escaping @Sendable (SandboxServices, String, String, [String: String]) async throws -> Void
  ) async throws {
    let now = TimeSource.system.now
    let services = SandboxServices(
      world: SandboxWorld(accounts: 1, period: Period(containing: now)), cards: CardWorld(now: now), latency: latency,
      keepsLimits: true)
    let folder = try Shipped.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.copyItem(atPath: Shipped.configFolder, toPath: "\(folder)/config")
    try services.cards.writeFiles(to: "\(folder)/config")
    try await services.whileServing { base in
      var variables = SandboxServices.environment(base: base)
      variables["CONFIG_DIR"] = "\(folder)/config"
      variables["OUTPUT_DIR"] = "\(folder)/output"
      for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "INTERCOM_API_TOKEN"] { variables[name] = nil }
      try await body(services, base, folder, variables)
    }
  }

  @Test func aRunStaysWithinEveryLimitAndIsShown() async throws {
    try await serve(latency: .milliseconds(20)) { services, _, folder, variables in
      let run = try Shipped.healthscore(["run", "--job", "business_metrics"], variables)
      #expect(run.status == 0, "\(run.errors)\(run.output)")
      #expect(
        run.output.contains("Cash Position") && run.output.contains("missed, >= 30") && run.output.contains("blocked"))
      for (vendor, windows) in services.cardLimits {
        for (window, counts) in windows {
          #expect(counts["peak"] ?? 0 <= counts["allowed"] ?? 0, "\(vendor) \(window): \(counts)")
          #expect(counts["peak"] ?? 0 > 0, "\(vendor) \(window) was not counted")
        }
      }
      let table = try Shipped.healthscore(["cards", "--tab", "ceo"], variables.merging(["LC_ALL": "C.UTF-8"]) { $1 })
      #expect(table.status == 0 && table.output.contains("Cash Position") && !table.output.contains("Open Tickets"))
      let json = try Shipped.healthscore(["cards", "--output", "json"], variables)
      let records = try JSONDecoder().decode([CardRecord].self, from: Data(json.output.utf8))
      #expect(records.map(\.id) == CardID.allCases)
      let csv = try Shipped.healthscore(["cards", "--output", "csv"], variables)
      #expect(csv.output == (try String(contentsOfFile: "\(folder)/output/cards_\(Self.today).csv", encoding: .utf8)))
      let dry = try Shipped.healthscore(
        ["run", "--job", "business_metrics", "--card", "open_tickets", "--dry-run", "--output", "json"], variables)
      #expect(dry.status == 0 && dry.output.contains(#""dry_run":true"#))
      let online = try Shipped.healthscore(["validate", "--online"], variables)
      for name in ["BILL", "BigQuery", "HubSpot", "SimpleFIN", "Smartlead", "Zendesk"] {
        #expect(online.output.contains("\(name): accepted"), "\(online.output)\(online.errors)")
      }
      let wrong = try Shipped.healthscore(
        ["validate", "--online"], variables.merging(["HUBSPOT_ACCESS_TOKEN": "x"]) { $1 })
      #expect(wrong.status == 1 && wrong.errors.contains("check HUBSPOT_ACCESS_TOKEN"))
    }
  }

  private static var today: CalendarDate { TimeSource.system.now.date }

  @Test(arguments: [
    (["cards", "--tab", "board"], 2, "there are CEO, COO"), (["cards"], 1, "no cards are stored yet"),
    (["run", "--job", "business_metrics", "--card", "cash"], 2, "expected of cash_position"),
    (["run", "--job", "business_metrics", "--period", "2026-10"], 2, "a key of the job health_score"),
    (["simplefin", "claim", "abc"], 2, "that is no setup token"),
    (["simplefin", "claim", "aHR0cDovL2ludG8udGhlLmNsZWFyLw=="], 2, "that is no setup token"),
    (["simplefin", "claim", "x", "--file", "a", "--secret", "b"], 2, "choose one of them"),
  ])
  func wrongUsageIsSaid(_ arguments: [String], _ status: Int32, _ message: String) throws {
    let folder = try Shipped.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let result = try Shipped.healthscore(arguments, ["CONFIG_DIR": Shipped.configFolder, "OUTPUT_DIR": folder])
    #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
  }

  @Test func aClaimedURLIsForItsOwnerOnlyAndWorks() async throws {
    try await serve { _, base, folder, variables in
      let token = Data("\(base)/simplefin/claim/once".utf8).base64EncodedString()
      let path = "\(folder)/access"
      let claim = try Shipped.healthscore(["simplefin", "claim", token, "--file", path], variables)
      #expect(claim.status == 0 && !claim.output.contains("@") && !claim.errors.contains("@"))
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      let url = try String(contentsOfFile: path, encoding: .utf8)
      // The place is looked at first: no token is lost.
      let second = Data("\(base)/simplefin/claim/twice".utf8).base64EncodedString()
      #expect(try Shipped.healthscore(["simplefin", "claim", second, "--file", path], variables).status == 2)
      #expect(try Shipped.healthscore(["simplefin", "claim", second, "--file", path + "2"], variables).status == 0)
      let again = try Shipped.healthscore(["simplefin", "claim", token, "--file", path + "3"], variables)
      #expect(again.status == 1 && again.errors.contains("claimed before"))
      #expect(!FileManager.default.fileExists(atPath: path + "3"))
      let run = try Shipped.healthscore(
        ["run", "--job", "business_metrics", "--card", "cash_position"],
        [
          "SIMPLEFIN_ACCESS_URL": url, "CONFIG_DIR": "\(folder)/config", "OUTPUT_DIR": "\(folder)/other",
          "NO_PROXY": "127.0.0.1",
        ])
      #expect(run.status == 0 && run.output.contains("$555.1K"), "\(run.errors)")
    }
  }
}
