import ConfigurationReading
import HealthConfiguration
import HealthJob
import HealthSources
import Runs
import Scoring
import TestSupport
import Testing

/// The problems that the configuration reports when one text of a shipped file is replaced.
private func problems(_ file: String, _ text: String, with replacement: String) throws -> [String] {
  func bytes(_ name: String) throws -> [UInt8] {
    let original = String(decoding: try Shipped.bytes(name), as: UTF8.self)
    guard name == file else { return Array(original.utf8) }
    let changed = original.replacing(text, with: replacement, maxReplacements: 1)
    try #require(changed != original, "the test replaces nothing")
    return Array(changed.utf8)
  }
  do {
    _ = try setup(
      ConfigurationFiles(
        weights: bytes(ConfigurationFiles.weightsName), thresholds: bytes(ConfigurationFiles.thresholdsName),
        sources: bytes(ConfigurationFiles.sourcesName)),
      mapping: bytes(ConfigurationFiles.mappingName), environment: Environment([:]))
    return []
  } catch let error as ConfigurationError {
    return error.problems
  }
}

private func credentials(_ environment: Environment) -> SourceCredentials {
  var reader = VariableReader(environment: environment)
  return SourceCredentials(&reader)
}

/// Everything that a run checks before it begins.
private func setup(
  _ files: ConfigurationFiles, mapping: [UInt8]?, environment: Environment
) throws -> HealthScoreSetup {
  try RunConfiguration(environment, readFile: { _ in nil }) {
    try HealthScoreSetup(files, mapping: mapping, environment: environment)
  }.setup
}

@Suite struct ConfigurationTests {
  @Test func theShippedConfigurationIsValid() throws {
    let all = try setup(
      Shipped.files(), mapping: Shipped.bytes(ConfigurationFiles.mappingName), environment: Environment([:]))
    let (configuration, mapping) = (all.configuration, all.mapping)
    #expect(mapping.accounts.count == 120)
    #expect(mapping.skipped.isEmpty && mapping.warnings.isEmpty)
    #expect(configuration.scoring.dimensions.map(\.metrics.count) == [13, 5, 5, 5, 9])
    #expect(configuration.unapproved.contains("thresholds.yaml: metrics.support_health.csat_score"))
  }

  @Test(arguments: [
    (
      "weights.yaml", "churn_risk: 0.60", "churn_risk: 0.61",
      "weights.yaml:5:3: components: the weights sum to 1.0100, expected 1 (±0.001)"
    ),
    (
      "weights.yaml", "churn_risk: 0.60", "churn_risk: much",
      "weights.yaml:5:15: components.churn_risk: expected a number from 0 to 1"
    ),
    (
      "weights.yaml", "open_bugs: 0.07", "opened_bugs: 0.07",
      "metrics.support_health.opened_bugs: unknown key, expected one of avg_resolution_days, bug_trend, critical_bugs,"
    ),
    ("weights.yaml", "components:", "parts:", "components: is missing, expected a mapping"),
    (
      "thresholds.yaml", "paid: { green: 10, yellow: 25, red: 50 }", "paid: { green: 10, yellow: 5, red: 50 }",
      "metrics.support_health.total_conversations.paid: thresholds are out of order, expected green ≤ yellow ≤ red"
    ),
    (
      "thresholds.yaml", "      standard: { green: 5, yellow: 12, red: 25 }\n", "",
      "metrics.support_health.total_conversations.standard: is missing, expected a mapping"
    ),
    ("thresholds.yaml", "champion: 90", "champion: 70", "tiers: tiers are out of order"),
    ("thresholds.yaml", "champion: 90", "champion: .nan", "tiers.champion: expected a number from 0 to 100"),
    ("thresholds.yaml", "champion: 90", "champion: \"90\"", "tiers.champion: expected a number from 0 to 100"),
    ("thresholds.yaml", "severity: critical", "severity: fatal", "severity: expected one of critical, moderate, watch"),
    ("thresholds.yaml", "tiers:", "tiers: &x", "anchors (&name) are not supported"),
    ("thresholds.yaml", "tiers:\n", "tiers:\n  champion: 1\n", "the key 'champion' is given twice"),
    ("thresholds.yaml", "tiers:", "tiers: [", "thresholds.yaml:"),
    ("sources.yaml", "bug_types: [Bug]", "bug_types: []", "jira.bug_types: expected a list of texts"),
    ("sources.yaml", "requests: 1600", "requests: 0", "intercom.rate_limit.requests: expected a number from 1"),
    ("sources.yaml", "arr: ARR__c", "arr: \"ARR__c' OR\"", "salesforce.account.arr: expected a name of letters"),
    ("sources.yaml", "unit: fraction", "unit: share", "unit: expected one of fraction, percent, number"),
    (
      "account_mapping.csv", "sf_account_id,", "account_id,",
      "account_mapping.csv:1:1: the column sf_account_id is missing"
    ),
  ])
  func namesThePlaceAndTheFix(_ file: String, _ text: String, _ replacement: String, _ expected: String) throws {
    let problems = try problems(file, text, with: replacement)
    #expect(problems.contains { $0.hasPrefix(file) && $0.contains(expected) }, "\(problems)")
  }

  @Test func reportsEverythingAtOnce() throws {
    func broken(_ name: String, _ text: String, _ replacement: String) throws -> [UInt8] {
      Array(String(decoding: try Shipped.bytes(name), as: UTF8.self).replacing(text, with: replacement).utf8)
    }
    let files = try ConfigurationFiles(
      weights: broken("weights.yaml", "0.60", "0.7"),
      thresholds: broken("thresholds.yaml", "at_risk: 60", "at_risk: 99"),
      sources: broken("sources.yaml", "projects_per_query", "projects"))
    let environment = Environment([
      "JIRA_BASE_URL": "jira", "JIRA_EMAIL": "e", "JIRA_API_TOKEN": "t", "DEADLINE_MARGIN_SECONDS": "1",
    ])
    let error = #expect(throws: ConfigurationError.self) {
      try setup(files, mapping: nil, environment: environment)
    }
    for file in [
      "weights.yaml", "thresholds.yaml", "sources.yaml", "account_mapping.csv:1:1: the file can't be read",
      "JIRA_BASE_URL", "DEADLINE_MARGIN_SECONDS",
    ] {
      #expect(error?.problems.contains { $0.hasPrefix(file) } == true, "\(file)")
    }
  }

  @Test func weightsNearOneAreNormalised() throws {
    var files = try Shipped.files()
    files.weights = Array(
      String(decoding: files.weights ?? [], as: UTF8.self).replacing("churn_risk: 0.60", with: "churn_risk: 0.601").utf8
    )
    let model = try ScoringModel(files)
    #expect(abs(model.churnRiskWeight + model.platformValueWeight - 1) < 1e-15)
  }
}

@Suite struct AccountMappingTests {
  private let header =
    "sf_account_id,intercom_company_id,looker_customer_id,account_name,segment,jira_project_key,jira_component"

  private func mapping(_ rows: [String], header: String? = nil) throws -> AccountMapping {
    let text = ([header ?? self.header] + rows).joined(separator: "\r\n")
    return try setup(Shipped.files(), mapping: Array(text.utf8), environment: Environment([:])).mapping
  }

  @Test func readsARow() throws {
    let mapping = try mapping([#"001SBx000000001,c1,7,"Hotel ""A"", Ltd",Paid,abc,Comp"#])
    let account = try #require(mapping.accounts.first)
    #expect(account.id == "001SBx000000001YAA")
    #expect(account.name == #"Hotel "A", Ltd"#)
    #expect(account.segment == .paid)
    #expect(account.jiraProject == "ABC")
    #expect(mapping.skipped.isEmpty)
  }

  @Test(arguments: [
    ("001SBx00000000!,c1,7,A,paid,,", "account_mapping.csv:3:1: sf_account_id: not a Salesforce id"),
    ("001SBx000000002YAB,c1,7,A,paid,,", "account_mapping.csv:3:1: sf_account_id: not a Salesforce id"),
    (
      "001SBx000000001YAA,c1,7,A,paid,,", "account_mapping.csv:3:1: sf_account_id: the account stands in line 2 already"
    ),
    ("001SBx000000002,c1,7,A,gold,,", "account_mapping.csv:3:24: segment: unknown segment"),
    ("001SBx000000002,c1,7,A,paid,A B,x", "jira_project_key: not a Jira project key"),
    ("001SBx000000002,c1,7,A,paid", "the row has 5 fields, expected 7"),
    (",,,A,paid,,", "the row names no system's id"),
  ])
  func skipsABadRowAndKeepsTheOthers(_ row: String, _ expected: String) throws {
    let mapping = try mapping(["001SBx000000001,x,y,First,paid,,", row, "001SBx000000003,x3,y3,Last,,,"])
    #expect(mapping.accounts.map(\.name) == ["First", "Last"])
    #expect(mapping.skipped.first?.problem.description.contains(expected) == true, "\(mapping.skipped)")
  }

  @Test func anIdOfAnotherSystemUsedTwiceIsAWarning() throws {
    let mapping = try mapping(["001SBx000000001,c1,7,A,paid,,", "001SBx000000002,c1,8,B,paid,,"])
    #expect(mapping.accounts.count == 2)
    #expect(
      mapping.warnings == ["account_mapping.csv:3: intercom_company_id: used in line 2 too; both accounts get its data"]
    )
  }

  @Test func namesUnusedColumnsOnce() throws {
    let mapping = try mapping(["001SBx000000001,c1,7,A,paid,,,x"], header: header + ",owner")
    #expect(mapping.warnings == ["account_mapping.csv:1: the column owner is not used"])
  }

  /// Spreadsheets leave empty rows and columns in a CSV file. The mapping ignores them.
  @Test func emptyRowsAndColumnsAreNothing() throws {
    let mapping = try mapping(
      ["001SBx000000001,c1,7,A,paid,,,,", ",,,,,,,,", "   ,,", "001SBx000000002,c2,8,B,paid,,,,"], header: header + ",,"
    )
    #expect(mapping.accounts.map(\.name) == ["A", "B"])
    #expect(mapping.skipped.isEmpty && mapping.warnings.isEmpty)
  }

  @Test(arguments: ["5.98E+23", "1,2E+15", "#N/A", "#REF!", "NULL", "TRUE", "n/a"])
  func whatASpreadsheetMadeOfAnIDIsSkippedAndSaid(_ id: String) throws {
    let mapping = try mapping(["001SBx000000001,\"\(id)\",7,A,paid,,", "001SBx000000002,c2,8,B,paid,,"])
    #expect(mapping.accounts.map(\.name) == ["B"])
    #expect(
      mapping.skipped.first?.problem.description.contains("2:17: intercom_company_id: a ") == true, "\(mapping.skipped)"
    )
  }

  @Test(arguments: [
    (
      Array("sep=;\r\nsf_account_id;intercom_company_id\r\n".utf8), "account_mapping.csv:1:1: a spreadsheet's sep= line"
    ),
    (Array("sf_account_id;intercom_company_id;x\r\n1;2;3\r\n".utf8), "1:1: the columns are separated by semicolons"),
    (Array("sf_account_id\tintercom_company_id\r\n1\t2\r\n".utf8), "1:1: the columns are separated by tabs"),
    ([0xFF, 0xFE, 0x73, 0x00, 0x66, 0x00], "1:1: UTF-16, not UTF-8; save as \"CSV UTF-8\""),
    (Array("sf_account_id\nab".utf8) + [0xE9] + Array("\n".utf8), "2:3: not UTF-8; save as \"CSV UTF-8\""),
  ])
  func anotherFormOfFileIsNamed(_ bytes: [UInt8], _ expected: String) throws {
    let error = #expect(throws: ConfigurationError.self) {
      try setup(Shipped.files(), mapping: bytes, environment: Environment([:]))
    }
    #expect(error?.problems.contains { $0.contains(expected) } == true, "\(error?.problems ?? [])")
  }

  @Test func aProjectWithoutAComponentIsSaid() throws {
    let mapping = try mapping(["001SBx000000001,c1,7,A,paid,STAY,"])
    #expect(mapping.warnings.first?.contains("2: jira_component: is empty") == true)
  }

  @Test(arguments: [[String](), [",,,,,,"], ["nonsense,,,A,paid,,"]])
  func anEmptyMappingIsFatal(_ rows: [String]) throws {
    #expect(throws: ConfigurationError.self) { try mapping(rows) }
  }
}

@Suite struct VariableTests {
  private func problems(_ variables: [String: String]) -> [String] {
    do {
      _ = try setup(
        Shipped.files(), mapping: Shipped.bytes("account_mapping.csv"), environment: Environment(variables))
      return []
    } catch {
      return (error as? ConfigurationError)?.problems ?? ["\(error)"]
    }
  }

  /// Every variable is checked before it is used.
  @Test(arguments: [
    ("REPORTS_BUCKET", "s3://b"), ("REPORTS_BUCKET", "bucket/prefix"), ("REPORTS_BUCKET", "arn:aws:s3:::bucket"),
    ("LOG_LEVEL", "loud"), ("AWS_LAMBDA_LOG_LEVEL", "QUIET"), ("LOG_FORMAT", "xml"), ("ENVIRONMENT", "my env"),
    ("METRICS_TABLE", "a b"), ("METRICS_TABLE_SORT_KEY", "pk"), ("EXTRACT_CONCURRENCY", "0"),
    ("AWS_ENDPOINT_URL_S3", "localhost:9000"), ("AWS_ACCESS_KEY_ID", "only"), ("AWS_PROFILE", "nobody"),
    ("SLACK_WEBHOOK_URL", "hooks.example"), ("INTERCOM_API_TOKEN", "a\nb"),
  ])
  func aWrongVariableIsNamed(_ name: String, _ value: String) {
    let found = problems([name: value])
    #expect(found.count == 1 && found[0].contains(name), "\(found)")
    #expect(found.allSatisfy { !$0.contains("a\nb") })
  }

  @Test func allOfThemAreSaidAtOnce() {
    #expect(
      problems(["REPORTS_BUCKET": "s3://b", "LOG_LEVEL": "loud", "JIRA_BASE_URL": "x", "JIRA_API_TOKEN": "t"]).count
        == 3)
  }

  @Test(arguments: [("WARN", "warning"), ("fatal", "critical"), ("Debug", "debug")])
  func levelsOfLambdaAreUnderstood(_ value: String, _ level: String) {
    #expect(LogOptions(Environment(["AWS_LAMBDA_LOG_LEVEL": value])).level == level)
    #expect(LogOptions(Environment(["LOG_LEVEL": value, "AWS_LAMBDA_LOG_LEVEL": "ERROR"])).level == level)
  }

  @Test func whiteSpaceAtTheEndIsLeftOutAndSaid() throws {
    let credentials = credentials(Environment(["INTERCOM_API_TOKEN": " token\r\n"]))
    #expect(credentials[IntercomSource.self]?.token == "token")
    #expect(credentials.warnings.contains { $0.contains("INTERCOM_API_TOKEN") && $0.contains("line break") })
  }

  @Test func aByteOrderMarkIsNoKey() throws {
    var files = try Shipped.files()
    let text = String(decoding: files.weights ?? [], as: UTF8.self)
    let start = try #require(text.firstRange(of: "components:")).lowerBound
    files.weights = [0xEF, 0xBB, 0xBF] + Array(text[start...].utf8)
    #expect(try ScoringModel(files).churnRiskWeight == 0.6)
    files.thresholds = (files.thresholds ?? []) + [0xE9, 10]
    let error = #expect(throws: ConfigurationError.self) { try ScoringModel(files) }
    #expect(error?.problems.first?.contains("not UTF-8") == true)
  }
}

@Suite struct CredentialsTests {
  /// A personal access token of Jira Data Center needs no user.
  @Test func jiraMayDoWithoutAnAddress() throws {
    let credentials = credentials(
      Environment(["JIRA_BASE_URL": "https://jira.example", "JIRA_EMAIL": "", "JIRA_API_TOKEN": "pat"]))
    #expect(credentials[JiraSource.self]?.email == "")
  }

  @Test func absentCredentialsMakeASourceInactive() throws {
    let credentials = credentials(Environment(["INTERCOM_API_KEY": "t", "JIRA_BASE_URL": "https://x.example/"]))
    #expect(credentials[IntercomSource.self]?.baseURL == "https://api.intercom.io")
    #expect(credentials[JiraSource.self] == nil)
    #expect(credentials.warnings == ["Jira is inactive: JIRA_API_TOKEN is not set"])
  }

  @Test func prefersClientCredentials() throws {
    let both = [
      "SF_CLIENT_ID": "i", "SF_CLIENT_SECRET": "s", "SF_LOGIN_URL": "https://acme.my.salesforce.com/",
      "SF_USERNAME": "u",
      "SF_PASSWORD": "p",
    ]
    #expect(
      credentials(Environment(both))[SalesforceSource.self]
        == .clientCredentials(loginURL: "https://acme.my.salesforce.com", clientID: "i", clientSecret: "s"))
  }

  @Test func refusesAURLThatIsNone() {
    let environment = Environment(["INTERCOM_API_TOKEN": "hunter2", "INTERCOM_BASE_URL": "api.intercom.io"])
    let error = #expect(throws: ConfigurationError.self) {
      try setup(Shipped.files(), mapping: Shipped.bytes("account_mapping.csv"), environment: environment)
    }
    #expect(error?.description.contains("INTERCOM_BASE_URL: not a base URL") == true)
    #expect(error?.description.contains("hunter2") == false)
  }
}
