import AccountLinking
import ConfigurationReading
import Connectors
import Formats
import Foundation
import HTTPClient
import HealthConfiguration
import HealthJob
import HealthModel
import HealthSources
import Identity
import Sandbox
import TestSupport
import Testing
import Time

/// The sandbox's mess of names and ids, read through the real clients.
@Suite struct SuggestionTests {
  private struct Mess {
    let world: SandboxWorld
    var rosters: Rosters
    let mapped: MappedIDs
    let truth: [String: String]

    init(
      _ seed: String, unmapped: Int, override: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse? = { _ in nil }
    ) async throws {
      world = SandboxWorld(accounts: 40, period: Period(year: 2026, month: 10), seed: seed, unmapped: unmapped)
      let services = SandboxServices(world: world, time: VirtualTime().source)
      let files = try Shipped.files()
      var reader = VariableReader(
        environment: Environment(SandboxServices.environment(base: ScriptedTransport.sandboxBase)))
      rosters = try await RosterReader(
        rules: HealthScoreConfiguration(files).rules, credentials: SourceCredentials(&reader),
        connection: SourceConnection(
          sessions: VendorSessions(transport: ScriptedTransport.sandbox(services, override: override)),
          time: VirtualTime().source)
      ).read()
      var problems: [ConfigurationProblem] = []
      let mapping = try #require(
        AccountMapping.parse(Array(world.mapping.utf8), file: "mapping", problems: &problems))
      mapped = MappedIDs(mapping.accounts)
      truth = Dictionary(
        uniqueKeysWithValues: CSV.rows(Array(world.links.utf8)).map {
          ("\($0["sf_account_id"] ?? "") \($0["system"] ?? "")", $0["candidate_id"] ?? "")
        })
    }

    func rows(refused: RefusedLinks = RefusedLinks()) async -> [ReviewRow] {
      await Suggestions.finding(in: rosters, mapped: mapped, refused: refused).rows
    }
  }

  @Test(arguments: [("one", 60), ("two", 160), ("three", 320)])
  func noWrongLinkIsSureAndMostRightOnesAre(_ seed: String, _ unmapped: Int) async throws {
    let mess = try await Mess(seed, unmapped: unmapped)
    #expect(mess.rosters.warnings.isEmpty)
    let groups = Dictionary(grouping: await mess.rows()) { "\($0.accountID) \($0.system.rawValue)" }
    var (auto, links) = (0, 0)
    for (key, rows) in groups {
      let right = mess.truth[key]
      if right != nil { links += 1 }
      if rows[0].decision == .auto {
        auto += 1
        #expect(rows[0].candidateID == right && rows[0].answer == .yes && rows.count == 1, "\(rows[0])")
      } else if let right {
        #expect(rows[0].decision == .review && rows.count <= 3, "\(rows[0])")
        #expect(rows.contains { $0.candidateID == right } && rows.allSatisfy { $0.answer == nil }, "\(rows)")
      }
    }
    #expect(links > unmapped && Double(auto) >= 0.85 * Double(links), "\(auto) of \(links)")
  }

  @Test func theSameInputGivesTheSameBytes() async throws {
    let mess = try await Mess("bytes", unmapped: 60)
    let first = ReviewFile.csv(await mess.rows())
    #expect(ReviewFile.csv(await mess.rows()) == first)
    #expect(try ReviewFile.decided(first).allSatisfy(\.isYes))
  }

  @Test func aRefusedCandidateIsNotProposedAgain() async throws {
    let mess = try await Mess("refused", unmapped: 60)
    let row = try #require(await mess.rows().first { $0.decision == .auto && $0.system == .intercom })
    var refused = RefusedLinks()
    refused.add(row.accountID, row.system, row.candidateID, by: "Ada", at: Timestamp(milliseconds: 0))
    let again = await mess.rows(refused: refused).filter { $0.accountID == row.accountID && $0.system == .intercom }
    #expect(!again.isEmpty && !again.contains { $0.candidateID == row.candidateID })
  }

  @Test func whatIsLinkedStaysAndIsNoCandidate() async throws {
    let mess = try await Mess("linked", unmapped: 20)
    let rows = await mess.rows()
    for row in rows {
      let truth = mess.truth["\(row.accountID) \(row.system.rawValue)"]
      #expect(truth == nil || row.currentID != truth, "\(row)")
    }
    for system in LinkedSystem.allCases {
      let candidates = Set(rows.filter { $0.system == system }.map(\.candidateID))
      #expect(candidates.isDisjoint(with: mess.mapped.ids(system).intersection(mess.truth.values)))
    }
  }

  @Test func whatMatchesNothingOrIsHiddenIsTold() async throws {
    let mess = try await Mess("hidden", unmapped: 20) { request in
      if request.url.contains("/looks/171/") { return .json(#"[{"booking_summary.brand_id":"9000"}]"#) }
      return request.url.contains("/project/DESK/components") ? .json("{}", status: 403) : nil
    }
    #expect(mess.rosters.warnings.count == 2, "\(mess.rosters.warnings)")
    #expect(mess.rosters.warnings[0].contains("Look 171 has no booking_summary.brand_name"))
    #expect(mess.rosters.warnings[1].contains("may not see the components of DESK"))
  }

  @Test func aCompanyUnderItsOtherIdIsLinked() async throws {
    let mess = try await Mess("others", unmapped: 0)
    let company = try #require(mess.rosters.systems[.intercom]?.entries.first { $0.otherID != nil })
    let account = try #require(mess.world.accounts.first { $0.intercomCompanyID == company.id })
    for id in [company.otherID ?? "", company.id.uppercased()] {
      let row = MappedAccount(line: 2, salesforceID: account.salesforceID, name: account.name, intercomCompanyID: id)
      let found = await Suggestions.finding(
        in: mess.rosters, mapped: MappedIDs([row]), refused: RefusedLinks()
      ).rows.filter { $0.system == .intercom }
      #expect(!found.contains { $0.accountID == account.salesforceID || $0.candidateID == company.id })
    }
  }

  @Test func theAuditTellsWhoseIdsAFieldHolds() async throws {
    let mess = try await Mess("audit", unmapped: 60)
    let audit = MappingAudit(mess.rosters, mapped: mess.mapped)
    #expect(audit.systems.map(\.name) == ["salesforce", "intercom", "looker", "jira"])
    func likeness(_ system: Int, _ field: String) -> String? {
      audit.systems[system].identifiers.first { $0.field == field }?.looksLike
    }
    #expect(likeness(0, "Brand_Reference__c") == "looker" && likeness(1, "crm_account") == "salesforce")
    #expect(likeness(1, "plan") == nil)
    #expect(audit.unmappedAccounts == 60)
    #expect(audit.unmappedARR == mess.world.unmapped.organisations.reduce(0) { $0 + $1.arr })
    #expect(
      audit.strategies.map(\.name) == ["pushed Salesforce id", "shared company_id", "fuzzy with people", "table"])
    let json = try #require(JSONSerialization.jsonObject(with: Data(audit.json)) as? [String: Any])
    let systems = try #require(json["systems"] as? [String: [String: Any]])
    #expect(systems["salesforce"]?["accounts"] as? Int == 100)
    #expect((json["unmapped"] as? [String: Any])?["accounts"] as? Int == 60)
    #expect(String(decoding: audit.csv, as: UTF8.self).hasPrefix("system,field,filled_pct,unique_pct,looks_like\n"))
  }
}
