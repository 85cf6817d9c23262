import Testing

@testable import Jira
@testable import Salesforce

/// Reads a quoted text back by the languages' own rules, apart from the code that wrote it.
private func unquoted(_ text: String, quote: Character) throws -> String {
  var rest = Substring(text)
  let first = rest.popFirst()
  try #require(first == quote)
  var value = ""
  while let character = rest.popFirst() {
    if character == quote {
      #expect(rest.isEmpty, "the text ends before the query does")
      return value
    }
    guard character == "\\" else {
      value.append(character)
      continue
    }
    let escaped = rest.popFirst()
    switch try #require(escaped) {
    case "n": value.append("\n")
    case "r": value.append("\r")
    case "t": value.append("\t")
    case "b": value.append("\u{8}")
    case "f": value.append("\u{c}")
    case "u":
      let code = try #require(UInt32(rest.prefix(4), radix: 16).flatMap(Unicode.Scalar.init))
      value.unicodeScalars.append(code)
      rest = rest.dropFirst(4)
    case let other: value.append(other)
    }
  }
  Issue.record("the text is never closed")
  return value
}

@Suite struct QuotingTests {
  static let values = [
    "Acme", "O'Brien", #"say "hi""#, #"back\slash"#, #"\"#, #"\'"#, "a\nb\tc\rd", "x' OR Name LIKE '%",
    #"x" OR project = "Y"#,
    "naïve – ü 漢字", "\u{8}\u{c}", "", "%_", "{!injected}",
  ]

  @Test(arguments: values)
  func soqlRoundTrip(_ value: String) throws { #expect(try unquoted(SOQL.quoted(value), quote: "'") == value) }

  @Test(arguments: values)
  func jqlRoundTrip(_ value: String) throws { #expect(try unquoted(JQL.quoted(value), quote: "\"") == value) }
}
