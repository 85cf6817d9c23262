import Foundation
import TestSupport
import Testing

/// The commands of the insight as processes: what they print, where, and how they end.
@Suite struct InsightCommandTests {
  private func run(_ folder: String, _ arguments: String...) throws -> Shipped.CommandResult {
    try Shipped.healthscore(arguments, ["CONFIG_DIR": Shipped.configFolder, "OUTPUT_DIR": folder])
  }

  /// Two months of the tests' random accounts; the later one has another figure for the first account.
  private func months() throws -> String {
    let folder = try Shipped.temporaryFolder()
    let lines = try Shipped.fixtureLines("scoring/random_accounts.jsonl").map { String(decoding: $0, as: UTF8.self) }
    let files = try ["weights.yaml", "thresholds.yaml", "sources.yaml"].reduce(into: [String: String]()) {
      $0[$1] = String(decoding: try Shipped.bytes($1), as: UTF8.self)
    }
    let configuration = try JSONSerialization.data(withJSONObject: ["hash": "sha256:0", "files": files])
    for period in ["2026-09", "2026-10"] {
      var lines = lines
      if period == "2026-10" {
        lines[0] = lines[0].replacing(#""total_conversations":52"#, with: #""total_conversations":12"#)
      }
      let path = "\(folder)/health_scores_\(period)"
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path + ".jsonl"))
      try configuration.write(to: URL(filePath: path + ".config.json"))
    }
    return folder
  }

  private func object(_ result: Shipped.CommandResult) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  @Test func changesAreSplitAsJSONTableAndCSV() throws {
    let folder = try months()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let all = try object(run(folder, "changes", "--output", "json"))
    #expect(all["from"] as? String == "2026-09" && all["to"] as? String == "2026-10")
    let accounts = try #require(all["accounts"] as? [[String: Any]])
    #expect(accounts.count == 250)
    let moved = accounts.filter { !(($0["parts"] as? [Any]) ?? []).isEmpty }
    #expect(moved.count == 1 && moved[0]["account_id"] as? String == "a0")
    let parts = try #require(moved[0]["parts"] as? [[String: Any]])
    #expect(parts.map { $0["stage"] as? String } == ["configuration", "identity", "data", "signals"])
    #expect(parts.allSatisfy { $0["source"] is NSNull })
    let metrics = try #require(parts[2]["metrics"] as? [[String: Any]])
    #expect(
      metrics[0]["metric"] as? String == "support_health.total_conversations" && metrics[0]["to"] as? Double == 12)
    let one = try object(run(folder, "changes", "--account", "a0", "--account", "a1", "--output", "json"))
    #expect((one["accounts"] as? [Any])?.count == 2)
    #expect((one["book"] as? [String: Any])?["accounts"] as? Int == 250)
    let csv = try run(folder, "changes", "--output", "csv")
    #expect(
      csv.output.hasPrefix(
        "account_id,account_name,score_from,score_to,tier_from,tier_to,change,configuration,identity,availability,data,signals\r\n"
      ))
    #expect(try run(folder, "changes").output.contains("Support conversations 52 \u{2192} 12"))
    for wrong in [["--from", "2026-01"], ["--to", "2026-09"], ["--account", "nobody"], ["--from", "October"]] {
      let process = try run(folder, "changes", wrong[0], wrong[1])
      #expect(process.status == 2 && process.output.isEmpty && !process.errors.isEmpty, "\(wrong)")
    }
  }

  @Test func whatIfFailsWhereAConditionHolds() throws {
    let folder = try months()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let changed = "\(folder)/changed"
    try FileManager.default.createDirectory(atPath: changed, withIntermediateDirectories: true)
    let thresholds = String(decoding: try Shipped.bytes("thresholds.yaml"), as: UTF8.self)
    try Data(thresholds.replacing("at_risk: 60", with: "at_risk: 75").utf8).write(
      to: URL(filePath: "\(changed)/thresholds.yaml"))
    let result = try run(
      folder, "what-if", "--config", changed, "--output", "json", "--fail-if", "moved_down>0", "--fail-if", "moved_up>0"
    )
    #expect(
      result.status == 1 && result.errors.hasPrefix("moved_down>0.0 holds") && !result.errors.contains("moved_up"))
    let figures = try #require(try object(result)["figures"] as? [String: Any])
    #expect(figures["accounts"] as? Int == 250 && figures["moved_up"] as? Int == 0)
    let same = try run(
      folder, "what-if", "--config", "\(folder)/health_scores_2026-10.config.json", "--fail-if", "moved_down>0")
    #expect(same.status == 0 && same.output.contains("No score changes."))
    #expect(
      try run(folder, "what-if", "--config", changed, "--output", "csv").output.split(separator: "\r\n").count == 251)
    for wrong in [["--config", "/nowhere"], ["--config", folder]] {
      let process = try run(folder, "what-if", wrong[0], wrong[1])
      #expect(process.status == 2 && process.output.isEmpty && !process.errors.isEmpty, "\(wrong)")
    }
    #expect(try run(folder, "what-if", "--config", changed, "--fail-if", "nonsense>1").status == 2)
    try Data("weights: wrong\n".utf8).write(to: URL(filePath: "\(changed)/weights.yaml"))
    let faulty = try run(folder, "what-if", "--config", changed)
    #expect(
      faulty.status == 2 && faulty.output.isEmpty && faulty.errors.contains("weights.yaml:1:1: weights: unknown key"))
  }

  @Test func fixesAndSignalsAreListed() throws {
    let folder = try months()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let fixes = try run(folder, "fix", "--metrics", "\(folder)/health_scores_2026-10.jsonl", "--output", "json")
    #expect(fixes.status == 0, "\(fixes.errors)")
    let lines = fixes.output.split(separator: "\n")
    #expect(lines.count == 250 && lines[0].hasPrefix(#"{"account_id":"a0","health_score":"#))
    #expect(Set(lines.compactMap { $0.split(separator: "\"status\":\"").last?.prefix { $0 != "\"" } }).count >= 3)
    let ledger = try run(folder, "signals", "ledger", "--output", "json")
    #expect(ledger.status == 0 && ledger.output.contains(#""counts_as":"#))
    #expect(try run(folder, "signals", "suggest").output.hasPrefix("No suggestions."))
    #expect(
      try run(folder, "explain", "n0", "--period", "2026-10").output.contains(
        " since 2026-09: Support conversations 52"))
  }

  @Test func aPilotEndsWithWhatBlocks() throws {
    let folder = try months()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let known = "\(folder)/known.csv"
    try Data("account_id,metric,value,tolerance,expected_tier\na0,support_health.total_conversations,52,,\n".utf8)
      .write(to: URL(filePath: known))
    let result = try run(folder, "pilot", "--known", known)
    #expect(result.status == 1 && result.output.contains("What blocks go-live:"), "\(result.errors)")
    let table = try String(contentsOfFile: "\(folder)/pilot_2026-10.csv", encoding: .utf8)
    #expect(table.contains("window: the known value is that of 2026-09"))
    #expect(FileManager.default.fileExists(atPath: "\(folder)/pilot_2026-10.md"))
    try Data("account_id,metric\nx,y\n".utf8).write(to: URL(filePath: known))
    let faulty = try run(folder, "pilot", "--known", known)
    #expect(faulty.status == 2 && faulty.output.isEmpty && faulty.errors.contains("known.csv:2: "))
  }

  @Test func calibrationReadsTablesAndNamesFaultyRows() throws {
    let folder = try months()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let table = "\(folder)/table.csv"
    try Data(("churned,a\n" + (0..<40).map { "\($0 % 2),\($0)\n" }.joined()).utf8).write(to: URL(filePath: table))
    let result = try run(folder, "calibrate", "--table", table, "--outcome", "churned", "--output", "json")
    #expect(try object(result)["rows"] as? Int == 40, "\(result.errors)")
    try Data("churned,a\nyes,1\n1,2\nno,3\n".utf8).write(to: URL(filePath: table))
    let faulty = try run(folder, "calibrate", "--table", table, "--outcome", "churned")
    #expect(faulty.status == 2 && faulty.output.isEmpty)
    #expect(faulty.errors.contains(":2: ") && faulty.errors.contains(":4: "))
    let outcomes = "\(folder)/outcomes.csv"
    try Data("account_id,date,outcome\na0,2027-01-15,churned\na1,2027-01-15,renewed\n".utf8)
      .write(to: URL(filePath: outcomes))
    let matched = try object(run(folder, "calibrate", "--outcomes", outcomes, "--output", "json"))
    #expect(matched["verdict"] as? String == "not enough to change weights")
    #expect((matched["evaluation"] as? [[String: Any]])?.compactMap { $0["horizon"] as? Int } == [60, 90, 120])
    for wrong in [["--table", table], ["--propose", "x"], ["--outcomes", outcomes, "--score", "a"]] {
      let process = Process()
      process.executableURL = URL(filePath: try #require(Shipped.program("healthscore")))
      process.arguments = ["calibrate"] + wrong
      process.standardError = Pipe()
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 2)
    }
  }

  /// Churns that one metric alone foretells: other weights are advised, written, and can be tried at once.
  @Test func aProposalCanBeTriedAtOnce() throws {
    let folder = try months()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var accounts: [String] = []
    var outcomes = "account_id,date,outcome\n"
    for index in 0..<160 {
      let isBad = index % 4 == 0
      // The other metrics say nothing, and differ from account to account.
      let noise = Double(index * 37 % 100)
      accounts.append(
        #"{"account_id":"c\#(index)","segment":"paid","as_of":"2026-11-01","metrics":{"support_health":{"csat_score":\#(isBad ? 3.2 : 4.4),"open_bugs":\#(index * 7 % 15),"p1_p2_pct":\#(noise / 4)},"financial_contract":{"days_to_renewal":\#(30 + index * 11 % 150),"payment_health":\#(index * 5 % 3),"contract_changes":0},"adoption_engagement":{"platform_score":\#(25 + noise / 2),"feature_breadth_pct":\#(20 + index * 13 % 40)},"platform_value":{"positive_sentiment_pct":\#(20 + index * 17 % 30),"response_before_target_pct":30,"allin_conversation_pct":\#(10 + index * 3 % 45)}},"signals":[]}"#
      )
      // Some are told wrong, or nothing would be left to estimate.
      let churned = index % 16 == 0 ? !isBad : isBad
      outcomes += "c\(index),2027-01-15,\(churned ? "churned" : "renewed")\n"
    }
    try Data(accounts.joined(separator: "\n").utf8).write(to: URL(filePath: "\(folder)/health_scores_2026-10.jsonl"))
    try Data(outcomes.utf8).write(to: URL(filePath: "\(folder)/outcomes.csv"))
    let proposed = "\(folder)/proposed"
    try FileManager.default.createDirectory(atPath: proposed, withIntermediateDirectories: true)
    let result = try run(
      folder, "calibrate", "--outcomes", "\(folder)/outcomes.csv", "--propose", "\(proposed)/weights.yaml", "--output",
      "json")
    #expect(try object(result)["verdict"] as? String == "change weights", "\(result.output.prefix(600))")
    #expect(result.status == 0 && result.errors.contains("is written"), "\(result.errors)")
    let effect = try object(run(folder, "what-if", "--config", proposed, "--output", "json"))
    #expect(((effect["moves"] as? [Any]) ?? []).count == 20)
  }
}
