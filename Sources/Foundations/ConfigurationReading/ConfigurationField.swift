import Formats
import YAML

/// One value and its position in the file; without a node if the key is missing.
public struct ConfigurationField {
  public let node: YAMLNode?
  public let mark: SourceMark
  public let path: String
  public let reader: ConfigurationReader

  public func note(_ message: String) { reader.note(message, at: path, mark) }

  private func expected(_ what: String) {
    note(node == nil ? "is missing, expected \(what)" : "expected \(what)")
  }

  public func section() -> ConfigurationSection {
    guard case .mapping(let entries) = node?.content else {
      expected("a mapping")
      return ConfigurationSection(entries: [], mark: mark, path: path, reader: reader)
    }
    return ConfigurationSection(entries: entries, mark: mark, path: path, reader: reader)
  }

  /// Reads a section and reports its unknown keys.
  public func section<Value>(_ body: (ConfigurationSection) -> Value) -> Value {
    let section = section()
    let value = body(section)
    section.close()
    return value
  }

  /// A number, or `{value: …, approved: …}`.
  public func number(in range: ClosedRange<Double>) -> Double {
    if case .mapping = node?.content {
      return section { section in
        section.approval()
        return section.required("value").number(in: range)
      }
    }
    guard case .scalar(let text, isPlain: true) = node?.content, let number = Double(text), number.isFinite,
      range.contains(number)
    else {
      expected("a number \(ConfigurationField.words(range))")
      return range.lowerBound
    }
    return number
  }

  public func wholeNumber(in range: ClosedRange<Int>) -> Int {
    let value = number(in: Double(range.lowerBound)...Double(range.upperBound))
    guard value == value.rounded() else {
      expected("a whole number")
      return range.lowerBound
    }
    return Int(value)
  }

  public func seconds(in range: ClosedRange<Int>) -> Duration { .seconds(wholeNumber(in: range)) }

  public func flag() -> Bool {
    switch node?.content {
    case .scalar("true", isPlain: true): return true
    case .scalar("false", isPlain: true): return false
    default:
      expected("true or false")
      return false
    }
  }

  public func text() -> String {
    guard case .scalar(let text, _) = node?.content, !text.isEmpty else {
      expected("a text")
      return ""
    }
    return text
  }

  /// Checks that the value is a day such as `2026-11-26`.
  public func date() {
    guard case .scalar(let text, _) = node?.content, text.wholeMatchesDate else {
      return expected("a day such as 2026-11-26")
    }
  }

  /// A name that is put into queries and URLs without escaping: letters, digits, `_`, `.` and `-` only.
  public func identifier() -> String {
    let text = text()
    guard text.isASCIIAlphanumeric(or: "_.-") else {
      expected("a name of letters, digits, _, . and -")
      return ""
    }
    return text
  }

  public func texts() -> [String] {
    guard case .sequence(let nodes) = node?.content, !nodes.isEmpty else {
      expected("a list of texts")
      return []
    }
    return nodes.enumerated().map { index, node in
      ConfigurationField(node: node, mark: node.mark, path: "\(path)[\(index)]", reader: reader).text()
    }
  }

  /// Texts, or the empty list `[]`.
  public func textsOrNone() -> [String] {
    if case .sequence(let nodes) = node?.content, nodes.isEmpty { return [] }
    return texts()
  }

  public func items() -> [ConfigurationField] {
    guard case .sequence(let nodes) = node?.content, !nodes.isEmpty else {
      expected("a list")
      return []
    }
    return nodes.enumerated().map { index, node in
      ConfigurationField(node: node, mark: node.mark, path: "\(path)[\(index)]", reader: reader)
    }
  }

  /// One of the names of a `String` enumeration.
  public func choice<Choice: RawRepresentable & CaseIterable>(_ type: Choice.Type) -> Choice
  where Choice.RawValue == String {
    let all = Array(Choice.allCases)
    if case .scalar(let text, _) = node?.content, let choice = Choice(rawValue: text) { return choice }
    expected("one of \(all.map(\.rawValue).joined(separator: ", "))")
    return all[0]
  }

  private static func words(_ range: ClosedRange<Double>) -> String {
    func word(_ value: Double) -> String { value == value.rounded() ? "\(Int64(value))" : "\(value)" }
    return "from \(word(range.lowerBound)) to \(word(range.upperBound))"
  }
}

extension String {
  fileprivate var wholeMatchesDate: Bool {
    let parts = split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2], let month = Int(parts[1]), let day = Int(parts[2]) else { return false }
    return parts.allSatisfy { $0.allSatisfy { ("0"..."9").contains($0) } } && (1...12).contains(month)
      && (1...31).contains(day)
  }
}
