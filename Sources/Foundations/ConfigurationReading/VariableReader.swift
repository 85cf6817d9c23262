import Formats

/// Reads variables and collects warnings and problems.
public struct VariableReader {
  public let environment: Environment
  /// What a person should know, one line each.
  public var warnings: [String] = []
  /// What is wrong, one line each, with the variable's name in front.
  public var problems: [String] = []

  public init(environment: Environment) { self.environment = environment }

  /// The values of all variables; nil if one is missing. Warns if only some of them are set.
  ///
  /// - Parameter others: Optional variables of the source. If only these are set, that causes the warning too.
  public mutating func all(_ source: String, _ names: [String], with others: [String] = []) -> [String]? {
    let missing = names.filter { environment[$0] == nil }
    if missing.isEmpty { return names.compactMap { environment[$0] } }
    if missing.count < names.count || others.contains(where: { environment[$0] != nil }) {
      warnings.append("\(source) is inactive: \(missing.joined(separator: ", ")) is not set")
    }
    return nil
  }

  public mutating func wholeNumber(_ name: String, default value: Int, in range: ClosedRange<Int>) -> Int {
    guard let text = environment[name] else { return value }
    if let number = Int(text), range.contains(number) { return number }
    problems.append("\(name): expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    return value
  }

  /// A part of a host name.
  public mutating func name(_ name: String, default value: String) -> String {
    guard let text = environment[name] else { return value }
    if text.isASCIIAlphanumeric(or: "-.") { return text }
    problems.append("\(name): expected a host name's letters, digits, dots and hyphens")
    return value
  }

  /// The value of one of the names, in upper or lower case; nil if the variable is not set or has another value.
  public mutating func choice<Value>(_ name: String, _ choices: [(name: String, value: Value)]) -> Value? {
    guard let text = environment[name] else { return nil }
    if let choice = choices.first(where: { $0.name == text.lowercased() }) { return choice.value }
    problems.append("\(name): expected one of \(choices.map(\.name).joined(separator: ", "))")
    return nil
  }

  /// A text with a length (in bytes) in the range and only allowed bytes. Else the default, and a problem is noted.
  public mutating func text(
    _ name: String, default value: String, length: ClosedRange<Int>, _ expected: String,
    _ isAllowed: (UInt8) -> Bool
  ) -> String {
    guard let text = environment[name] else { return value }
    if length.contains(text.utf8.count), text.utf8.allSatisfy(isAllowed) { return text }
    problems.append("\(name): expected \(expected)")
    return value
  }

  /// An absolute URL without a slash at its end; nil if the variable is not set or malformed.
  public mutating func url(_ name: String) -> String? {
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
    // Plain http is fine for this machine, and for the reserved domains of tests (RFC 2606).
    let name = host.split(separator: ":").first ?? ""
    let isHere = ["127.0.0.1", "localhost", "[::1]"].contains { host == $0 || host.hasPrefix($0 + ":") }
    if text.hasPrefix("http://"), !isHere, !name.hasSuffix(".example"), !name.hasSuffix(".test") {
      warnings.append("\(name) is not https: credentials and data travel in clear")
    }
    return text
  }
}
