import Concurrency
import Formats
import Foundation
import HTTPClient
import HealthModel
import Time

/// A fake of a Salesforce org: token and SOAP login, describe, SOQL, collections and Bulk API 2.0.
final class SalesforceFake: Sendable {
  static let clientID = "sandbox-salesforce-id"
  static let clientSecret = "sandbox-salesforce-secret"
  static let username = "integration@sandbox.example"
  static let password = "sandbox-password"
  private static let token = "00Dsandbox!token"
  private static let pageSize = 2000

  struct State: Sendable {
    var tables: [String: OrgTable]
    var cursors: [String: [[UInt8]]] = [:]
    var jobs: [String: Job] = [:]
    var nextID = 0
    var requests = 0
  }

  struct Job: Sendable {
    var object: String
    var key: String
    var state = "Open"
    var polls = 0
    var csv: [UInt8] = []
    var successes = ""
    var failures = ""
    var failed = 0
  }

  let state: Lock<State>
  private let accountIDs: Set<String>
  private let world: SandboxWorld

  init(world: SandboxWorld) {
    self.world = world
    state = Lock(State(tables: SalesforceTables.make(world)))
    accountIDs = Set(world.accounts.map(\.salesforceID.description))
  }

  /// - Parameter base: The URL that the client used for this org. A login answers with the same URL.
  func respond(_ request: HTTPRequest, _ target: SandboxTarget, base: String) -> HTTPResponse {
    let segments = target.segments
    if segments == ["services", "oauth2", "token"] { return requestToken(request, base: base) }
    if segments.count == 4, segments[1] == "Soap" { return soapLogin(request, version: segments[3], base: base) }
    guard request.headers["Authorization"] == "Bearer \(Self.token)" else {
      return error(401, "INVALID_SESSION_ID", "Session expired or invalid")
    }
    let used = state.withLock { state in
      state.requests += 1
      return state.requests
    }
    guard segments.count >= 4, segments[0] == "services", segments[1] == "data", !world.has(.salesforceVersion) else {
      return unknown()
    }
    var response = route(request, target, Array(segments.dropFirst(3)), version: segments[2])
    response.headers.append("Sforce-Limit-Info", "api-usage=\(used)/100000")
    return response
  }

  private func route(
    _ request: HTTPRequest, _ target: SandboxTarget, _ path: [String], version: String
  ) -> HTTPResponse {
    switch (request.method, path) {
    case (.get, ["sobjects", path.dropFirst().first ?? "", "describe"]): return describe(path[1])
    case (.get, ["query"]), (.get, ["queryAll"]): return query(target.query["q"] ?? "", version: version)
    case (.get, ["query", path.last ?? ""]): return nextPage(path[1], version: version)
    case (.patch, _) where path.count == 4 && path.prefix(2) == ["composite", "sobjects"]:
      return upsert(SandboxJSON.object(request.body), object: path[2], key: path[3])
    case (_, _) where path.prefix(2) == ["jobs", "ingest"]:
      return bulk(request, Array(path.dropFirst(2)), version: version)
    default: return unknown()
    }
  }

  func unknown() -> HTTPResponse { error(404, "NOT_FOUND", "The requested resource does not exist") }

  private func error(_ status: Int, _ code: String, _ message: String) -> HTTPResponse {
    SandboxJSON.response([["message": message, "errorCode": code]], status: status)
  }

  // MARK: Login

  private func requestToken(_ request: HTTPRequest, base: String) -> HTTPResponse {
    let form = SandboxTarget.form(String(decoding: request.body ?? [], as: UTF8.self))
    guard form["grant_type"] == "client_credentials" else {
      return SandboxJSON.response(["error": "unsupported_grant_type"], status: 400)
    }
    guard form["client_id"] == Self.clientID, form["client_secret"] == Self.clientSecret else {
      return SandboxJSON.response(
        ["error": "invalid_client", "error_description": "invalid client credentials"], status: 400)
    }
    return SandboxJSON.response([
      "access_token": Self.token, "instance_url": base, "id": "\(base)/id/00D/\(SalesforceTables.user)",
      "token_type": "Bearer",
      "issued_at": "1756800000000", "signature": "c2FuZGJveA==", "scope": "api",
    ])
  }

  private func soapLogin(_ request: HTTPRequest, version: String, base: String) -> HTTPResponse {
    let text = String(decoding: request.body ?? [], as: UTF8.self)
    let headers: HTTPFields = ["Content-Type": "text/xml; charset=UTF-8"]
    guard text.contains(">\(Self.username)<"), text.contains(">\(Self.password)<") else {
      let fault =
        #"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault><faultcode>sf:INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid username, password, security token; or user locked out.</faultstring><detail><sf:LoginFault><sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode></sf:LoginFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"#
      return HTTPResponse(status: 500, headers: headers, body: Array(fault.utf8))
    }
    let answer =
      #"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"><soapenv:Body><loginResponse><result><serverUrl>\#(base)/services/Soap/u/\#(version)/00D</serverUrl><sessionId>\#(Self.token)</sessionId><userId>005</userId></result></loginResponse></soapenv:Body></soapenv:Envelope>"#
    return HTTPResponse(status: 200, headers: headers, body: Array(answer.utf8))
  }

  // MARK: Reading

  private func describe(_ object: String) -> HTTPResponse {
    guard let table = state.withLock({ $0.tables[object] }) else { return unknown() }
    var fields = table.fields
    // The org of the sandbox has every metric field.
    if object == "Health_Score__c" { for name in SandboxMetricFields.names { fields[name] = "double" } }
    return SandboxJSON.response([
      "name": object,
      // Fields of a parent's record are not the object's own.
      "fields": fields.filter { !$0.key.contains(".") }.sorted { $0.key < $1.key }.map { field -> [String: Any] in
        var description: [String: Any] = [
          "name": field.key, "type": field.value, "updateable": field.key != "Id", "createable": field.key != "Id",
        ]
        if field.key == "OwnerId" { description["relationshipName"] = "Owner" }
        if let values = picklist(object, field.key) {
          description["picklistValues"] = values.map { ["value": $0, "label": $0, "active": true] as [String: Any] }
        }
        return description
      },
    ])
  }

  /// The values of a picklist; nil for other fields.
  private func picklist(_ object: String, _ field: String) -> [String]? {
    let isOther = world.has(.salesforcePicklists)
    switch (object, field) {
    case ("Opportunity", "Type"):
      return isOther ? ["Verl\u{E4}ngerung", "K\u{FC}rzung"] : ["Renewal", "Downgrade", "Amendment", "New"]
    case ("Payment_Record__c", "Status__c"): return isOther ? ["Bezahlt", "Fehlgeschlagen"] : ["Paid", "Failed"]
    case ("Churn_Signal__c", "Status__c"):
      return isOther ? ["Offen", "Zu"] : ["Active", "Monitoring", "Expired", "Closed"]
    case ("Churn_Signal__c", "Severity__c"): return ["Critical", "Moderate", "Watch"]
    case ("Churn_Signal__c", "Confidence__c"): return ["Confirmed", "Likely", "Suspected"]
    case ("CSQL__c", "Status__c"): return ["Open", "Closed", "Converted"]
    case ("Event", "Type"): return ["Meeting", "QBR"]
    case ("AccountContactRelation", "Roles"): return ["Champion", "Decision Maker"]
    case ("Account", "Success_Tier__c"): return ["Standard", "Premium"]
    default: return nil
    }
  }

  private func query(_ soql: String, version: String) -> HTTPResponse {
    do {
      var parser = try FakeQueryParser(soql)
      guard parser.take("SELECT") else { return error(400, "MALFORMED_QUERY", "unexpected token") }
      var columns: [String] = []
      var converted: Set<String> = []
      repeat {
        let name = try parser.value()
        guard parser.takeSymbol("(") else {
          columns.append(name)
          continue
        }
        guard name == "convertCurrency" else { return error(400, "MALFORMED_QUERY", "unknown function") }
        columns.append(try parser.value())
        converted.insert(columns[columns.count - 1])
        guard parser.takeSymbol(")") else { return error(400, "MALFORMED_QUERY", "expected )") }
      } while parser.takeSymbol(",")
      guard parser.take("FROM") else { return error(400, "MALFORMED_QUERY", "expected FROM") }
      let object = try parser.value()
      let condition = parser.take("WHERE") ? try parser.condition() : .all([])
      var isOrdered = false
      if parser.take("ORDER") {
        guard parser.take("BY"), try parser.value() == "Id" else { return error(400, "MALFORMED_QUERY", "expected BY") }
        isOrdered = true
      }
      let limit = parser.take("LIMIT") ? Int(try parser.value()) : nil
      guard parser.isAtEnd else { return error(400, "MALFORMED_QUERY", "unexpected token") }
      guard let table = state.withLock({ $0.tables[object] }) else {
        return error(400, "INVALID_TYPE", "\nsObject type '\(object)' is not supported.")
      }
      for column in columns where table.fields[column] == nil && !SandboxMetricFields.names.contains(column) {
        return error(400, "INVALID_FIELD", "\nNo such column '\(column)' on entity '\(object)'.")
      }
      var rows = table.candidates(condition).filter { row in condition.matches { matches(row, $0, table.fields) } }
      if world.has(.salesforceHidden), object == "Opportunity" { rows = [] }
      if isOrdered { rows.sort { text($0["Id"]) < text($1["Id"]) } }
      if let limit { rows = Array(rows.prefix(limit)) }
      if !converted.isEmpty || world.has(.salesforceTextAmounts) {
        rows = rows.map { amounts(of: $0, converted: converted, isAccount: object == "Account") }
      }
      return page(rows, columns, object, version: version)
    } catch {
      return self.error(400, "MALFORMED_QUERY", (error as? FakeQueryParser.Failure)?.message ?? "unreadable")
    }
  }

  private func text(_ value: OrgValue?) -> String {
    if case .text(let text)? = value { text } else { "" }
  }

  /// The row with ARR in the user's currency if the query converts it, and in the format of this world's org.
  private func amounts(of row: OrgTable.Row, converted: Set<String>, isAccount: Bool) -> OrgTable.Row {
    guard case .number(var amount)? = row["ARR__c"] else { return row }
    var row = row
    if converted.contains("ARR__c"), text(row["CurrencyIsoCode"]) == "JPY" { amount /= OrgTable.yenPerDollar }
    row["ARR__c"] =
      world.has(.salesforceTextAmounts) && isAccount ? .text("\u{20AC} \(Int(amount)),00") : .number(amount)
    return row
  }

  private func page(
    _ rows: [[String: OrgValue]], _ columns: [String], _ object: String, version: String
  ) -> HTTPResponse {
    let id = state.withLock { state in
      state.nextID += 1
      return "01gSB\(state.nextID)"
    }
    let size = pageSize
    let pages = stride(from: 0, to: max(1, rows.count), by: size).map { start in
      let end = min(start + size, rows.count)
      return SandboxJSON.written { json in
        json.object { json in
          json.field("totalSize", Double(rows.count))
          json.key("done")
          json.write(end == rows.count)
          if end < rows.count { json.field("nextRecordsUrl", "/services/data/\(version)/query/\(id)-\(end)") }
          json.key("records")
          json.list { json in
            for row in rows[start..<end] {
              json.object { json in
                json.key("attributes")
                json.object { json in
                  json.field("type", object)
                  json.field("url", "/services/data/\(version)/sobjects/\(object)")
                }
                for column in columns {
                  let path = column.split(separator: ".").map(String.init)
                  json.key(path[0])
                  guard path.count == 2 else {
                    (row[column] ?? .null).write(to: &json)
                    continue
                  }
                  json.object { json in
                    json.key(path[1])
                    (row[column] ?? .null).write(to: &json)
                  }
                }
              }
            }
          }
        }
      }.body
    }
    if pages.count > 1 { state.withLock { $0.cursors[id] = pages } }
    return SandboxJSON.response(bytes: pages[0])
  }

  private func nextPage(_ cursor: String, version: String) -> HTTPResponse {
    let parts = cursor.split(separator: "-")
    guard parts.count == 2, let offset = Int(parts[1]),
      let pages = state.withLock({ $0.cursors[String(parts[0])] }), offset / pageSize < pages.count,
      // In this variety every third page is refused, because its cursor has expired.
      !world.has(.salesforceCursors) || offset / pageSize % 3 != 2
    else { return error(400, "INVALID_QUERY_LOCATOR", "invalid query locator") }
    return SandboxJSON.response(bytes: pages[offset / pageSize])
  }

  private var pageSize: Int { world.has(.salesforceCursors) ? 50 : Self.pageSize }

  private func matches(_ row: [String: OrgValue], _ leaf: FakeCondition, _ fields: [String: String]) -> Bool {
    guard case .compare(let field, let sign, let values) = leaf else { return false }
    let value = row[field] ?? .null
    switch (sign, value) {
    case (">", .text(let text)) where field == "Id": return text > values[0]
    case ("IN", .text(let text)): return values.contains(text)
    case ("INCLUDES", .text(let text)): return text.split(separator: ";").contains { values.contains(String($0)) }
    case ("=", .text(let text)): return text == values[0]
    case ("=", .flag(let flag)): return "\(flag)" == values[0].lowercased()
    case (_, .text(let text)):
      guard let left = Timestamp(iso8601: text), let right = Timestamp(iso8601: values[0]) else { return false }
      switch sign {
      case ">=": return left >= right
      case "<": return left < right
      case "<=": return left <= right
      default: return left > right
      }
    default: return false
    }
  }

  // MARK: Writing

  private func upsert(_ body: [String: Any], object: String, key: String) -> HTTPResponse {
    guard let records = body["records"] as? [[String: Any]], !records.isEmpty else {
      return error(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required")
    }
    guard records.count <= 200 else { return error(400, "INVALID_INPUT", "at most 200 records") }
    let outcomes = records.map { record -> [String: Any] in
      var values = record.mapValues { OrgValue(json: $0) }
      values["attributes"] = nil
      switch write(values, object: object, key: key) {
      case .success(let (id, isNew)): return ["id": id, "success": true, "errors": [Any](), "created": isNew]
      case .failure(let problem):
        return [
          "success": false,
          "errors": [
            ["statusCode": problem.code, "message": problem.message, "fields": problem.fields] as [String: Any]
          ],
        ]
      }
    }
    return SandboxJSON.response(outcomes)
  }

  struct WriteProblem: Error {
    let code: String
    let message: String
    var fields: [String] = []
  }

  /// Inserts a row, or updates the row with the same key.
  func write(
    _ values: [String: OrgValue], object: String, key: String
  ) -> Result<(id: String, isNew: Bool), WriteProblem> {
    state.withLock { state in
      // Keep no copy of the table in a variable here: a write would then copy the whole table.
      guard let fields = state.tables[object]?.fields, case .text(let external)? = values[key] else {
        return .failure(WriteProblem(code: "REQUIRED_FIELD_MISSING", message: "no key", fields: [key]))
      }
      for name in values.keys where fields[name] == nil && !SandboxMetricFields.names.contains(name) {
        return .failure(
          WriteProblem(
            code: "INVALID_FIELD", message: "No such column '\(name)' on sobject of type \(object)", fields: [name]))
      }
      if case .text(let parent)? = values["Account__c"], !accountIDs.contains(parent) {
        return .failure(
          WriteProblem(
            code: "INVALID_CROSS_REFERENCE_KEY", message: "invalid cross reference id", fields: ["Account__c"]))
      }
      if let position = state.tables[object]?.position(ofKey: external) {
        state.tables[object]?.merge(values, at: position)
        guard case .text(let id)? = state.tables[object]?.rows[position]["Id"] else { return .success(("", false)) }
        return .success((id, false))
      }
      state.nextID += 1
      let id = SalesforceID("a00SBn\(padded(state.nextID, to: 9))")?.description ?? ""
      state.tables[object]?.append(values.merging(["Id": .text(id)]) { first, _ in first })
      return .success((id, true))
    }
  }
}

/// Custom fields for raw values: `{Dimension}_{Metric}__c`. Salesforce takes at most 40 characters before `__c`, so that
/// the changes of medians leave out `Median` and `Seconds`.
enum SandboxMetricFields {
  static let names: Set<String> = {
    let prefixes: [HealthModel.Dimension: String] = [
      .supportHealth: "Support", .financialContract: "Financial", .adoptionEngagement: "Adoption",
      .relationshipExpansion: "Relationship", .platformValue: "Platform",
    ]
    return Set(
      Metric.allCases.map { metric in
        let isLong = metric.name.hasPrefix("median_") && metric.name.contains("_trend_")
        let words = metric.name.split(separator: "_").filter { !isLong || !["median", "seconds"].contains($0) }.map {
          $0.prefix(1).uppercased() + $0.dropFirst()
        }
        return (prefixes[metric.dimension] ?? "") + "_" + words.joined(separator: "_") + "__c"
      })
  }()
}
