import Foundation
import TestSupport
import Testing

/// `healthscore map` as a process: what it prints, where, and how it ends.
@Suite struct MapCommandTests {
  private struct Place {
    let folder: String

    init() throws {
      folder = try Shipped.temporaryFolder()
      try FileManager.default.copyItem(atPath: Shipped.configFolder, toPath: "\(folder)/config")
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ text: String, _ name: String) throws -> String {
      try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
      return "\(folder)/\(name)"
    }

    func text(_ name: String) -> String {
      FileManager.default.contents(atPath: "\(folder)/\(name)").map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    func map(_ arguments: String..., environment: [String: String] = [:]) throws -> Shipped.CommandResult {
      let variables = ["CONFIG_DIR": "\(folder)/config", "OUTPUT_DIR": "\(folder)/output"]
      return try Shipped.healthscore(["map"] + arguments, variables.merging(environment) { $1 })
    }
  }

  @Test func twoExportsAreMatched() throws {
    let place = try Place()
    defer { place.remove() }
    let names = (0..<40).map { index in
      ["Zorvalle", "Quillowmere", "Brindlefax", "Vexandra", "Tumbrel", "Pelmarion", "Orvost", "Jorithal"][index % 8]
        + " " + ["Foods", "Mining", "Airways", "Clinic", "Textiles"][index / 8]
    }
    let left = try place.write(
      "id,name,mood\n" + names.enumerated().map { "L\($0),\($1) Inc,calm\n" }.joined(), "left.csv")
    let right = try place.write(
      "name,id\n" + names.enumerated().map { "\($1.uppercased()),R\($0)\n" }.joined(), "right.csv")
    let result = try place.map("match", "--left", left, "--right", right)
    let lines = result.output.split(separator: "\n")
    #expect(result.status == 0 && lines[0] == "left_id,right_id,decision,probability,margin,evidence")
    #expect(lines.count == 41 && lines[1].hasPrefix("L0,R0,auto,0.99"), "\(lines[1])")
    #expect(result.errors.contains("left.csv: the column mood is not used") && result.errors.contains("possible pairs"))
    let again = try place.map("match", "--left", left, "--right", right, "--out", "\(place.folder)/out.csv")
    #expect(again.output.isEmpty && place.text("out.csv") == result.output)
  }

  @Test func theExampleOfTheReadmeIsDecided() throws {
    let place = try Place()
    defer { place.remove() }
    let files = try ["crm.csv", "support.csv"].map { name in
      try place.write(String(decoding: try Shipped.fixture("identity/\(name)"), as: UTF8.self), name)
    }
    let result = try place.map("match", "--left", files[0], "--right", files[1], "--top", "3")
    let decisions = result.output.split(separator: "\n").dropFirst().map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).prefix(3).joined(separator: " ")
    }
    #expect(
      decisions == [
        "a1 s1 auto", "a2 s2 auto", "a3 s3 auto", "a4  none", "a5 s5 auto", "a6 s6 review", "a7 s7 auto",
        "a8 s8 review", "a9  none",
      ])
    #expect(result.errors.contains(#"the prefix "cust-" of the right file was left out"#))
  }

  @Test func faultyFilesWriteNothing() throws {
    let place = try Place()
    defer { place.remove() }
    let left = try place.write("id,name\n1,a\n1,b\n,c\n", "left.csv")
    let right = try place.write("id,name\n1,\"a\n", "right.csv")
    let result = try place.map("match", "--left", left, "--right", right, "--out", "\(place.folder)/out.csv")
    #expect(result.errors.contains("right.csv:2: a quote that is never closed"))
    #expect(result.status == 2 && result.output.isEmpty && place.text("out.csv").isEmpty)
    #expect(result.errors.contains("left.csv:3: ") && result.errors.contains("left.csv:4: "))
    #expect(try place.map("match", "--left", left, "--right", left, "--country", "XX").status == 2)
    #expect(try place.map("match", "--left", left, "--right", left, "--top", "0").status == 2)
    #expect(try place.map("apply", "\(place.folder)/none.csv", "--by", "Ada").status == 2)
  }

  @Test func answersGoIntoTheMapping() throws {
    let place = try Place()
    defer { place.remove() }
    let before = place.text("config/account_mapping.csv")
    let review = try place.write(
      "sf_account_id,system,candidate_id,answer\n001SBx000000999,intercom,new-1,yes\n001SBx000000999,looker,77,no\n",
      "review.csv")
    let result = try place.map("apply", review, "--by", "Ada Sample", "--out", "\(place.folder)/out.csv")
    #expect(
      result.status == 0 && result.output.contains("1 links set, 0 confirmed, 1 accounts added; 1 candidates refused"))
    #expect(place.text("config/account_mapping.csv") == before && place.text("out.csv").contains(",Ada Sample,"))
    #expect(place.text("config/mapping_refused.csv").contains(",looker,77,Ada Sample,"))
    _ = try place.map("apply", review, "--by", "Ada Sample")
    #expect(
      place.text("config/account_mapping.csv") == place.text("out.csv")
        || place.text("config/account_mapping.csv").contains("new-1"))
    let relink = try place.write(
      "sf_account_id;system;candidate_id;answer\n001SBx000000999;intercom;new-2;yes\n", "relink.csv")
    let after = place.text("config/account_mapping.csv")
    let refused = try place.map("apply", relink, "--by", "Ada")
    #expect(refused.status == 2 && refused.errors.contains("is linked to new-1, the file says new-2"))
    #expect(place.text("config/account_mapping.csv") == after)
    #expect(try place.map("apply", relink, "--by", "Ada", "--relink").status == 0)
    #expect(try place.map("apply", relink, "--by", "Ada", "--table").errors.contains("set MAPPING_TABLE"))
  }

  @Test func aMappingThatCannotBeReadIsNotReplaced() throws {
    let place = try Place()
    defer { place.remove() }
    let review = try place.write(
      "sf_account_id,system,candidate_id,answer\n001SBx000000999,intercom,new-1,yes\n", "review.csv")
    let table = try place.map("apply", review, "--by", "Ada", environment: ["MAPPING_TABLE": "somewhere"])
    #expect(table.status == 2 && table.errors.contains("MAPPING_TABLE is set"))
    let path = "\(place.folder)/config/account_mapping.csv"
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let result = try place.map("apply", review, "--by", "Ada")
    #expect(result.status == 2 && result.errors.contains("account_mapping.csv: the file can't be read"))
    #expect(result.output.isEmpty)
  }

  @Test func withoutSalesforceNothingCanBeLinked() throws {
    let place = try Place()
    defer { place.remove() }
    let result = try place.map("suggest")
    #expect(result.status == 2 && result.errors.contains("SF_CLIENT_ID") && result.output.isEmpty)
  }
}
