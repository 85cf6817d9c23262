import Formats
import Foundation
import HealthModel
import Scoring
import TestSupport
import Testing
import Time

@testable import HealthSources

/// The deployed metadata has every field that the function writes, and the integration user may see them.
@Suite struct SalesforceMetadataTests {
  private static let package = Shipped.root.appending(path: "deploy/salesforce/health-score/main/default")

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: package.appending(path: path), encoding: .utf8)
  }

  private static func field(_ object: String, _ name: String) throws -> String {
    try text("objects/\(object)/fields/\(name).field-meta.xml")
  }

  /// Every field of a record, as the shipped configuration names them.
  private static func writtenFields() throws -> [String] {
    let asOf = Period(year: 2026, month: 10).end
    let score = try Scorer(model: Shipped.configuration().scoring).score(
      Observations(), signals: .known([]), segment: .paid, asOf: asOf)
    let record = HealthScoreRecord.record(
      LoadableScore(
        accountID: try #require(SalesforceID("001SBx000000001YAA")), segment: .paid, score: score, drivers: []),
      context: LoadContext(
        period: Period(year: 2026, month: 10), scoredAt: Timestamp(milliseconds: 0), runID: "r"),
      options: try Shipped.configuration().rules[SalesforceSource.self].healthScores)
    return record.values.map(\.field)
  }

  @Test func everyFieldIsThereAndVisible() throws {
    let permissions = try Self.text("permissionsets/Health_Score_Integration.permissionset-meta.xml")
    let fields = try Self.writtenFields()
    #expect(fields.count == 93)
    for name in fields {
      let definition = try Self.field("Health_Score__c", name)
      #expect(definition.contains("<fullName>\(name)</fullName>"))
      // Everyone sees required and master-detail fields, and Salesforce refuses them in a permission set.
      let isAlwaysVisible = definition.contains("<required>true</required>") || definition.contains("MasterDetail")
      #expect(permissions.contains("<field>Health_Score__c.\(name)</field>") != isAlwaysVisible, "\(name)")
    }
  }

  @Test func scoresAndRawValuesHaveTheDecimalsThatAreWritten() throws {
    for (metric, name) in try Shipped.configuration().rules[SalesforceSource.self].healthScores.metricFields {
      let definition = try Self.field("Health_Score__c", name)
      #expect(definition.contains("<precision>18</precision>") && definition.contains("<scale>6</scale>"), "\(metric)")
    }
    for name in ["Health_Score__c", "Quantitative_Score__c", "Interval_Low__c"] {
      let definition = try Self.field("Health_Score__c", name)
      #expect(definition.contains("<precision>4</precision>") && definition.contains("<scale>1</scale>"))
    }
    #expect(try Self.field("Health_Score__c", "Account__c").contains("<reparentableMasterDetail>true"))
  }

  /// The caps stand in the formula and in the configuration, and must be the same.
  @Test func formulasApplyTheConfiguredRules() throws {
    let model = try Shipped.configuration().scoring
    let formula = try Self.field("Health_Score__c", "Final_Score__c")
    for rule in model.qualitative.rules {
      let name =
        rule.requiresConfirmation
        ? "Confirmed_\(rule.severity.name)_Signals__c" : "Qual_Active_\(rule.severity.name)__c"
      let test = "IF(Account__r.\(name) &gt;= \(rule.minimumCount), \(Int(rule.cap)),"
      #expect(formula.contains(test), "\(rule.name)")
    }
    let tiers = try Self.field("Health_Score__c", "Final_Tier__c")
    for (tier, bound) in [
      (Tier.champion, model.tiers.champion), (.healthy, model.tiers.healthy), (.atRisk, model.tiers.atRisk),
    ] {
      #expect(tiers.contains("&gt;= \(Int(bound)), \"\(tier.rawValue)\""), "\(tier)")
    }
  }

  /// With `writeRequiresMasterRead`, a user who may read an account, but not edit it, may write its child records.
  @Test func childrenOfAccountsAskForReadAccessOnly() throws {
    for folder in ["health-score", "extract-sources"] {
      let root = Shipped.root.appending(path: "deploy/salesforce/\(folder)/main/default/objects")
      for object in try FileManager.default.contentsOfDirectory(atPath: root.path()) {
        let field = root.appending(path: "\(object)/fields/Account__c.field-meta.xml")
        guard let text = try? String(contentsOf: field, encoding: .utf8), text.contains("<type>MasterDetail</type>")
        else {
          continue
        }
        #expect(text.contains("<writeRequiresMasterRead>true</writeRequiresMasterRead>"), "\(object)")
      }
    }
  }

  @Test func whoeverLogsASignalMayRunTheFlow() throws {
    let permissions = try Self.text("permissionsets/Health_Score_User.permissionset-meta.xml")
    #expect(permissions.contains("<flow>Quick_Log_Churn_Signal</flow>"))
  }

  @Test func theIntegrationUserMayReadWhatIsRead() throws {
    let permissions = try Self.text("permissionsets/Health_Score_Integration.permissionset-meta.xml")
    for object in ["Opportunity", "Contact"] { #expect(permissions.contains("<object>\(object)</object>")) }
    for name in ["ActivitiesAccess", "ApiEnabled"] { #expect(permissions.contains("<name>\(name)</name>")) }
    #expect(permissions.contains("<field>Opportunity.Type</field>"))
  }

  /// The Quick-Log flow offers every value of the fields' picklists.
  @Test(arguments: ["Category", "Severity", "Source", "Confidence"])
  func quickLogOffersThePicklists(_ name: String) throws {
    let flow = try Self.text("flows/Quick_Log_Churn_Signal.flow-meta.xml")
    let values = try Self.field("Churn_Signal__c", "\(name)__c").matches(of: /<value>\s*<fullName>([^<]+)</).map(\.1)
    #expect(values.count >= 2)
    for value in values {
      #expect(
        flow.contains("<choiceReferences>\(name)_\(value.replacing(" ", with: "_"))</choiceReferences>"), "\(value)")
    }
  }
}
