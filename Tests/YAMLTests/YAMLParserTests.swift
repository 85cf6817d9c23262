import Testing
import YAML

@Suite struct YAMLParserTests {
  private func parse(_ text: String) throws -> YAMLNode { try YAMLParser.parse(Array(text.utf8)) }

  @Test func everyValueKnowsItsPlace() throws {
    let node = try parse("a: 1\nb:\n  - x\n  - \"2\"\n")
    guard case .mapping(let entries) = node.content, case .sequence(let items) = entries[1].value.content else {
      Issue.record("not a mapping with a list")
      return
    }
    #expect(entries.map(\.key) == ["a", "b"])
    #expect(entries[0].value.mark == SourceMark(line: 1, column: 4))
    #expect(entries[1].keyMark == SourceMark(line: 2, column: 1))
    #expect(items[1].mark == SourceMark(line: 4, column: 5))
    // What stands in quotes is a text and no number.
    #expect(items[0].content == .scalar("x", isPlain: true) && items[1].content == .scalar("2", isPlain: false))
  }

  @Test(arguments: [
    ("a: [1, 2", 2), ("a: 1\na: 2\n", 2), ("a: &x 1\n", 1), ("a: 1\nb: *x\n", 2), ("a: !!str 1\n", 1),
    ("a: 1\n--- \nb: 2\n", 3), ("a:\n\tb: 1\n", 2),
  ])
  func whatIsNotTakenIsNamedByItsLine(_ text: String, _ line: Int) {
    let error = #expect(throws: YAMLError.self) { try parse(text) }
    #expect(error?.mark.line == line, "\(text): \(error.map { "\($0)" } ?? "accepted")")
  }

  @Test func deepNestingIsRefused() {
    let text = String(repeating: "[", count: 20_000) + String(repeating: "]", count: 20_000)
    #expect(throws: YAMLError.self) { try parse("a: " + text) }
  }
}
