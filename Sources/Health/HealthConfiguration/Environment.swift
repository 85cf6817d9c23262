import Formats
import Intercom
import Jira
import Looker
import Salesforce

/// What the process was started with: credentials and places.
public struct Environment: Sendable {
  private let values: [String: String]

  public init(_ values: [String: String]) { self.values = values }

  /// Without white space at the ends, which copying leaves there; nil where the variable is not set or empty.
  public subscript(name: String) -> String? {
    guard let value = values[name] else { return nil }
    let trimmed = value.trimmed
    return trimmed.isEmpty ? nil : trimmed
  }

  /// Names of our variables whose values begin or end in white space.
  public var trimmedNames: [String] {
    values.filter { name, value in Self.isOurs(name) && value.trimmed.utf8.count != value.utf8.count && !value.isEmpty }
      .keys.sorted()
  }

  /// Names of our variables with a line break or another control character inside, which no header or URL takes.
  public var brokenNames: [String] {
    values.filter { name, value in
      Self.isOurs(name) && value.trimmed.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
    }.keys.sorted()
  }

  private static func isOurs(_ name: String) -> Bool {
    ["INTERCOM_", "JIRA_", "LOOKER_", "SF_", "ROLLBAR_", "SLACK_", "METRICS_", "REPORTS_", "AWS_"]
      .contains { name.hasPrefix($0) }
  }

  public var name: String { self["ENVIRONMENT"] ?? "dev" }

  public var isLambda: Bool { self["LAMBDA_TASK_ROOT"] != nil || self["AWS_LAMBDA_FUNCTION_NAME"] != nil }

  public var configDirectory: String {
    self["CONFIG_DIR"] ?? self["LAMBDA_TASK_ROOT"].map { $0 + "/config" } ?? "config"
  }

  public var outputDirectory: String { self["OUTPUT_DIR"] ?? (isLambda ? "/tmp" : "output") }
}

/// The credentials of each source; nil for one that is inactive.
public struct Credentials: Sendable {
  public let intercom: IntercomCredentials?
  public let jira: JiraCredentials?
  public let looker: LookerCredentials?
  public let salesforce: SalesforceCredentials?
  /// Sources that are inactive because only a part of their variables is set.
  public let warnings: [String]

  /// - Throws: ``ConfigurationError`` for a base URL that is not one.
  public init(_ environment: Environment) throws {
    var reader = VariableReader(environment: environment)
    intercom = (environment["INTERCOM_API_TOKEN"] ?? environment["INTERCOM_API_KEY"]).map {
      IntercomCredentials(baseURL: reader.url("INTERCOM_BASE_URL") ?? "https://api.intercom.io", token: $0)
    }
    // Without an e-mail address the token is a personal access token, as Server and Data Center have them.
    jira = reader.all("Jira", ["JIRA_BASE_URL", "JIRA_API_TOKEN"], with: ["JIRA_EMAIL"]).flatMap { values in
      reader.url("JIRA_BASE_URL").map {
        JiraCredentials(baseURL: $0, email: environment["JIRA_EMAIL"] ?? "", token: values[1])
      }
    }
    looker = reader.all("Looker", ["LOOKER_BASE_URL", "LOOKER_CLIENT_ID", "LOOKER_CLIENT_SECRET"]).flatMap { values in
      reader.url("LOOKER_BASE_URL").map {
        // Given with the API's path or without it.
        let base = $0.hasSuffix("/api/4.0") ? String($0.dropLast(8)) : $0
        return LookerCredentials(baseURL: base, clientID: values[1], clientSecret: values[2])
      }
    }
    let loginURL =
      environment["SF_LOGIN_URL"] == nil
      ? "https://\(reader.name("SF_DOMAIN", default: "login")).salesforce.com" : reader.url("SF_LOGIN_URL") ?? ""
    if environment["SF_CLIENT_ID"] != nil {
      salesforce = reader.all("Salesforce", ["SF_CLIENT_ID", "SF_CLIENT_SECRET"]).map {
        .clientCredentials(loginURL: loginURL, clientID: $0[0], clientSecret: $0[1])
      }
    } else {
      salesforce = reader.all("Salesforce", ["SF_USERNAME", "SF_PASSWORD"]).map {
        .password(
          loginURL: loginURL, username: $0[0], password: $0[1], securityToken: environment["SF_SECURITY_TOKEN"] ?? "")
      }
    }
    let trimmed = environment.trimmedNames
    if !trimmed.isEmpty {
      reader.warnings.append(
        "\(trimmed.joined(separator: ", ")) begins or ends in white space or a line break, which is left out")
    }
    reader.problems += environment.brokenNames.map { "\($0): has a line break or control character inside" }
    warnings = reader.warnings
    guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
  }

  public var isEmpty: Bool { intercom == nil && jira == nil && looker == nil && salesforce == nil }
}

/// Reads variables and remembers what is wrong with them.
struct VariableReader {
  let environment: Environment
  var warnings: [String] = []
  var problems: [String] = []

  /// All of the variables or nothing; a part of them is worth a word.
  ///
  /// - Parameter others: Variables that the source can do without.
  mutating func all(_ source: String, _ names: [String], with others: [String] = []) -> [String]? {
    let missing = names.filter { environment[$0] == nil }
    if missing.isEmpty { return names.compactMap { environment[$0] } }
    if missing.count < names.count || others.contains(where: { environment[$0] != nil }) {
      warnings.append("\(source) is inactive: \(missing.joined(separator: ", ")) is not set")
    }
    return nil
  }

  mutating func wholeNumber(_ name: String, default value: Int, in range: ClosedRange<Int>) -> Int {
    guard let text = environment[name] else { return value }
    if let number = Int(text), range.contains(number) { return number }
    problems.append("\(name): expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    return value
  }

  /// A part of a host name.
  mutating func name(_ name: String, default value: String) -> String {
    guard let text = environment[name] else { return value }
    if text.isASCIIAlphanumeric(or: "-.") { return text }
    problems.append("\(name): expected a host name's letters, digits, dots and hyphens")
    return value
  }

  /// One of the names, in any case.
  mutating func choice<Value>(_ name: String, _ choices: [(name: String, value: Value)]) -> Value? {
    guard let text = environment[name] else { return nil }
    if let choice = choices.first(where: { $0.name == text.lowercased() }) { return choice.value }
    problems.append("\(name): expected one of \(choices.map(\.name).joined(separator: ", "))")
    return nil
  }

  /// A name in AWS: letters, digits and some signs.
  mutating func text(
    _ name: String, default value: String, length: ClosedRange<Int>, _ expected: String,
    _ isAllowed: (UInt8) -> Bool
  ) -> String {
    guard let text = environment[name] else { return value }
    if length.contains(text.utf8.count), text.utf8.allSatisfy(isAllowed) { return text }
    problems.append("\(name): expected \(expected)")
    return value
  }

  /// An absolute URL without the slash at its end.
  mutating func url(_ name: String) -> String? {
    guard var text = environment[name] else { return nil }
    guard text.hasPrefix("https://") || text.hasPrefix("http://"), !text.contains(where: \.isWhitespace),
      !text.contains("?"), !text.contains("#"), !text.contains("@")
    else {
      problems.append("\(name): not a base URL, expected https://host/path without user, query and fragment")
      return nil
    }
    while text.hasSuffix("/") { text.removeLast() }
    guard let host = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).first, !host.isEmpty
    else {
      problems.append("\(name): names no host, expected https://host/path")
      return nil
    }
    // This machine, and the names that belong to nobody.
    let name = host.split(separator: ":").first ?? ""
    let isHere = ["127.0.0.1", "localhost", "[::1]"].contains { host == $0 || host.hasPrefix($0 + ":") }
    if text.hasPrefix("http://"), !isHere, !name.hasSuffix(".example"), !name.hasSuffix(".test") {
      warnings.append("\(name) is not https: credentials and data travel in clear")
    }
    return text
  }
}
