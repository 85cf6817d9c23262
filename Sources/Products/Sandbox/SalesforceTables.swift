import Formats
import Foundation
import Time

/// A value of the sandbox's org.
enum OrgValue: Sendable, Equatable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)

  func write(to json: inout JSONWriter) {
    switch self {
    case .null: json.null()
    case .flag(let flag): json.write(flag)
    case .number(let number): json.write(number)
    case .text(let text): json.write(text)
    }
  }

  init(json: Any?) {
    switch json {
    case let number as NSNumber where number.objCType.pointee == 0x63: self = .flag(number.boolValue)
    case let number as NSNumber: self = .number(number.doubleValue)
    case let text as String: self = .text(text)
    default: self = .null
    }
  }
}

/// An object of the org: its fields with their types, and its rows, found quickly by account and by external id.
struct OrgTable: Sendable {
  typealias Row = [String: OrgValue]

  let fields: [String: String]
  /// The field that names the account.
  let parent: String
  private(set) var rows: [Row] = []
  private var positionsByParent: [String: [Int]] = [:]
  private var positionByKey: [String: Int] = [:]

  static let key = "Health_Score_Key__c"

  init(fields: [String: String]) {
    self.fields = fields.merging(["Id": "id"]) { $1 }
    parent = fields["Account__c"] != nil ? "Account__c" : fields["AccountId"] != nil ? "AccountId" : "Id"
  }

  mutating func append(_ row: Row) {
    if case .text(let account)? = row[parent] { positionsByParent[account, default: []].append(rows.count) }
    if case .text(let key)? = row[Self.key] { positionByKey[key] = rows.count }
    rows.append(row)
  }

  /// The exchange rate in an org with several currencies: accounts are in JPY, everything else and the users in USD.
  static let yenPerDollar = 150.0

  /// The same amounts in records' own currencies: accounts in JPY, everything else in USD.
  func withCurrencies() -> OrgTable {
    var table = OrgTable(fields: fields.merging(["CurrencyIsoCode": "picklist"]) { $1 })
    for row in rows {
      var row = row
      let isAccount = parent == "Id"
      row["CurrencyIsoCode"] = .text(isAccount ? "JPY" : "USD")
      if isAccount, case .number(let amount)? = row["ARR__c"] { row["ARR__c"] = .number(amount * Self.yenPerDollar) }
      table.append(row)
    }
    return table
  }

  func position(ofKey key: String) -> Int? { positionByKey[key] }

  /// Updates a row. Its account must stay the same, because the positions by account are not updated.
  mutating func merge(_ values: Row, at position: Int) { rows[position].merge(values) { $1 } }

  /// The rows that a condition may match, in order. The caller still has to check each row.
  func candidates(_ condition: FakeCondition) -> [Row] {
    let parts = if case .all(let parts) = condition { parts } else { [condition] }
    for case .compare(let field, "IN", let values) in parts where field == parent {
      return values.flatMap { positionsByParent[$0] ?? [] }.sorted().map { rows[$0] }
    }
    return rows
  }
}

/// The org's data, arranged around the world's period.
enum SalesforceTables {
  static let scoreFields = [
    "Health_Score_Key__c": "string", "Account__c": "reference", "Scoring_Date__c": "date", "Scored_At__c": "datetime",
    "Scoring_Period__c": "string", "Health_Score__c": "double", "Quantitative_Score__c": "double",
    "Churn_Risk_Score__c": "double", "Platform_Value_Score__c": "double", "Support_Health_Score__c": "double",
    "Financial_Contract_Score__c": "double", "Adoption_Engagement_Score__c": "double",
    "Relationship_Expansion_Score__c": "double", "Tier__c": "picklist", "Coverage__c": "percent",
    "Coverage_Flag__c": "picklist", "Interval_Low__c": "double", "Interval_High__c": "double", "Segment__c": "picklist",
    "Qual_Active_Critical__c": "double", "Qual_Active_Moderate__c": "double", "Qual_Active_Watch__c": "double",
    "Qual_Monitoring_Reduction__c": "double", "Qual_Rule__c": "string", "Qual_Cap__c": "double",
    "Top_Drivers__c": "textarea", "Change_Summary__c": "string", "Run_Id__c": "string",
  ]

  /// The id of the integration user.
  static let user = "005SBx000000001AAA"

  /// All objects with their rows. The metric fields of health scores are not listed: see ``SandboxMetricFields``.
  static func make(_ world: SandboxWorld) -> [String: OrgTable] {
    var tables: [String: OrgTable] = [
      "Account": OrgTable(fields: [
        "Name": "string", "ARR__c": "currency", "Success_Tier__c": "picklist", "OwnerId": "reference",
        "Owner.Name": "string", "Website": "url", "Phone": "phone", "BillingStreet": "textarea",
        "BillingPostalCode": "string", "BillingCity": "string", "BillingState": "string", "BillingCountry": "string",
        "Brand_Reference__c": "string",
      ]),
      "Opportunity": OrgTable(fields: [
        "AccountId": "reference", "Type": "picklist", "CloseDate": "date", "IsClosed": "boolean", "IsWon": "boolean",
      ]),
      "Payment_Record__c": OrgTable(fields: [
        "Account__c": "reference", "Payment_Date__c": "date", "Status__c": "picklist",
      ]),
      "Account_History__c": OrgTable(fields: [
        "Account__c": "reference", "Snapshot_Date__c": "date", "ARR__c": "currency",
      ]),
      "Event": OrgTable(fields: [
        "AccountId": "reference", "Type": "picklist", "ActivityDate": "date", "Attended__c": "boolean",
        "IsDeleted": "boolean", "IsChild": "boolean", "IsRecurrence": "boolean",
      ]),
      "AccountContactRelation": OrgTable(fields: [
        "AccountId": "reference", "Roles": "multipicklist", "IsActive": "boolean", "StartDate": "date",
        "CreatedDate": "datetime",
      ]),
      "CSQL__c": OrgTable(fields: ["Account__c": "reference", "Status__c": "picklist"]),
      "Churn_Signal__c": OrgTable(fields: [
        "Account__c": "reference", "Severity__c": "picklist", "Confidence__c": "picklist", "Status__c": "picklist",
        "Date_Observed__c": "date",
      ]),
      "Health_Score__c": OrgTable(fields: scoreFields),
    ]
    for account in world.accounts { fill(&tables, account, world) }
    for organisation in world.unmapped.organisations { tables["Account"]?.append(row(of: organisation)) }
    if world.has(.salesforceCurrencies) {
      for (object, table) in tables where table.fields["ARR__c"] != nil { tables[object] = table.withCurrencies() }
      tables["User"] = OrgTable(fields: ["DefaultCurrencyIsoCode": "picklist"])
      tables["User"]?.append(["Id": .text(user), "DefaultCurrencyIsoCode": .text("USD")])
    }
    return tables
  }

  private static func fill(_ tables: inout [String: OrgTable], _ account: SandboxAccount, _ world: SandboxWorld) {
    var random = SandboxRandom(world.seed, "salesforce", "\(account.index)")
    let id = OrgValue.text(account.salesforceID.description)
    let today = world.period.end.date
    let trouble = 1 - account.quality
    var serial = 0
    func add(_ object: String, _ prefix: String, _ values: [String: OrgValue]) {
      serial += 1
      let rowID = SalesforceID("\(prefix)SBx\(padded(account.index * 100 + serial, to: 9))")?.description ?? ""
      tables[object]?.append(values.merging(["Id": .text(rowID)]) { first, _ in first })
    }
    func day(_ offset: Int) -> OrgValue { .text("\(today.advanced(byDays: offset))") }

    let isMismatch = account.arr > 200_000 && random.isTrue(trouble * 0.5)
    add(
      "Account", "001",
      [
        "Id": id, "Name": .text(account.name), "ARR__c": .number(account.arr),
        "Success_Tier__c": .text(account.arr > 200_000 && !isMismatch ? "Premium" : "Standard"),
        "OwnerId": .text("005SBx00000010\(account.index % 4)AAA"),
        "Owner.Name": .text("Sample Manager \(account.index % 4 + 1)"),
      ])
    guard account.peculiarity != .justSigned else { return }
    if random.isTrue(0.92) {
      let days = Int(20 + account.quality * 320 * random.number(0.5...1.1)) - (trouble > 0.9 ? 30 : 0)
      add(
        "Opportunity", "006",
        [
          "AccountId": id, "Type": .text("Renewal"), "CloseDate": day(days), "IsClosed": .flag(false),
          "IsWon": .flag(false),
        ])
    }
    for _ in 0..<Int(trouble * 2.4 * random.unit() + trouble * 0.6) {
      add(
        "Opportunity", "006",
        [
          "AccountId": id, "Type": .text(random.pick(["Downgrade", "Amendment"])),
          "CloseDate": day(-random.whole(10...340)), "IsClosed": .flag(true), "IsWon": .flag(true),
        ])
    }
    for month in 1...12 {
      add(
        "Payment_Record__c", "a01",
        [
          "Account__c": id, "Payment_Date__c": .text("\(today.advanced(byMonths: -month).advanced(byDays: 4))"),
          "Status__c": .text(random.isTrue(trouble * 0.16) ? "Failed" : "Paid"),
        ])
    }
    if random.isTrue(0.9) {
      let earlier = account.arr * (1 - (account.quality - 0.45) * 0.22)
      add(
        "Account_History__c", "a02",
        [
          "Account__c": id, "Snapshot_Date__c": .text("\(today.advanced(byMonths: -12))"),
          "ARR__c": .number((earlier / 100).rounded() * 100),
        ])
    }
    for quarter in 0..<4 {
      add(
        "Event", "00U",
        [
          "AccountId": id, "Type": .text("QBR"), "ActivityDate": day(-25 - quarter * 88),
          "Attended__c": .flag(random.isTrue(0.15 + account.quality * 0.85)), "IsDeleted": .flag(false),
          "IsChild": .flag(quarter == 3 && random.isTrue(0.3)), "IsRecurrence": .flag(false),
        ])
    }
    if random.isTrue(0.9) {
      let since = 20 + Int(account.quality * 500 * random.number(0.4...1))
      add(
        "AccountContactRelation", "07k",
        [
          "AccountId": id, "Roles": .text("Champion;Decision Maker"), "IsActive": .flag(true), "StartDate": day(-since),
          "CreatedDate": .text(today.advanced(byDays: -since).start.jiraText),
        ])
    }
    for _ in 0..<Int(account.quality * 2.4 * random.unit() + account.quality * 0.5) {
      add("CSQL__c", "a03", ["Account__c": id, "Status__c": .text("Open")])
    }
    for (severity, confidence, status, age) in signals(account.peculiarity, world) {
      add(
        "Churn_Signal__c", "a04",
        [
          "Account__c": id, "Severity__c": .text(severity), "Confidence__c": .text(confidence),
          "Status__c": .text(status),
          "Date_Observed__c": day(-age),
        ])
    }
    addPreviousScore(&tables, account, world, &random)
  }

  private static func row(of organisation: UnmappedOrganisation) -> OrgTable.Row {
    func text(_ text: String) -> OrgValue { text.isEmpty ? .null : .text(text) }
    return [
      "Id": .text(organisation.salesforceID.description), "Name": .text(organisation.accountName),
      "ARR__c": .number(organisation.arr), "Success_Tier__c": .text("Standard"),
      "OwnerId": .text("005SBx000000100AAA"), "Owner.Name": .text("Sample Manager 1"),
      "Website": text(organisation.website), "Phone": text(organisation.phone), "BillingCity": text(organisation.city),
      "Brand_Reference__c": text(organisation.brandReference),
    ]
  }

  private static func signals(
    _ peculiarity: SandboxAccount.Peculiarity, _ world: SandboxWorld
  ) -> [(String, String, String, Int)] {
    let expired = world.has(.salesforceExpiry) ? "Active" : "Expired"
    return switch peculiarity {
    case .confirmedCritical: [("Critical", "Confirmed", "Active", 21)]
    case .suspectedCritical: [("Critical", "Suspected", "Active", 9)]
    case .twoCritical: [("Critical", "Suspected", "Active", 12), ("Critical", "Likely", "Active", 40)]
    case .moderate: [("Moderate", "Likely", "Active", 30), ("Watch", "Suspected", expired, 70)]
    case .watch: [("Watch", "Suspected", "Active", 14)]
    case .monitoring: [("Critical", "Confirmed", "Monitoring", 35)]
    default: []
    }
  }

  /// Adds the record of the month before, so that a run can report changed scores.
  private static func addPreviousScore(
    _ tables: inout [String: OrgTable], _ account: SandboxAccount, _ world: SandboxWorld, _ random: inout SandboxRandom
  ) {
    let previous = world.period.advanced(by: -1)
    let score = (min(100, 30 + account.quality * 65 + random.number(-6...6)) * 10).rounded() / 10
    tables["Health_Score__c"]?.append([
      "Id": .text(SalesforceID("a00SBx\(padded(account.index + 1, to: 9))")?.description ?? ""),
      "Health_Score_Key__c": .text("\(account.salesforceID):\(previous)"),
      "Account__c": .text(account.salesforceID.description), "Scoring_Period__c": .text("\(previous)"),
      "Health_Score__c": .number(score),
      "Tier__c": .text(score >= 90 ? "Champion" : score >= 76 ? "Healthy" : score >= 60 ? "At Risk" : "Critical"),
    ])
  }
}
