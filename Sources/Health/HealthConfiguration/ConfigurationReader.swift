import Formats
import YAML

/// Reads values out of YAML and notes everything that is wrong on the way.
///
/// A value that can't be read is replaced by a harmless one; the notes then keep it from ever being used.
final class ConfigurationReader {
  let file: String
  private(set) var problems: [ConfigurationProblem] = []
  /// Paths of values that carry `approved: false`.
  private(set) var unapproved: [String] = []

  init(file: String) { self.file = file }

  /// The document as a section; nil where it can't be read or is not YAML.
  func document(_ bytes: [UInt8]?) -> ConfigurationSection? {
    guard let bytes else {
      problems.append(.unreadable(file))
      return nil
    }
    if let defect = UTF8Text.defect(bytes) {
      problems.append(
        ConfigurationProblem(
          file: file, mark: SourceMark(line: defect.line, column: defect.column), path: "",
          message: "\(defect.message); save the file as UTF-8"))
      return nil
    }
    do {
      let node = try YAMLParser.parse(UTF8Text.withoutMark(bytes))
      return ConfigurationField(node: node, mark: node.mark, path: "", reader: self).section()
    } catch let error as YAMLError {
      problems.append(ConfigurationProblem(file: file, mark: error.mark, path: "", message: error.message))
    } catch {
      problems.append(
        ConfigurationProblem(file: file, mark: SourceMark(line: 1, column: 1), path: "", message: "\(error)"))
    }
    return nil
  }

  func note(_ message: String, at path: String, _ mark: SourceMark) {
    problems.append(ConfigurationProblem(file: file, mark: mark, path: path, message: message))
  }

  func noteUnapproved(_ path: String) { unapproved.append(path) }
}

/// A mapping whose keys are all accounted for: those that nobody asks for are unknown.
final class ConfigurationSection {
  let mark: SourceMark
  let path: String
  let reader: ConfigurationReader
  private let entries: [YAMLNode.Entry]
  private var asked: [String] = []

  init(entries: [YAMLNode.Entry], mark: SourceMark, path: String, reader: ConfigurationReader) {
    self.entries = entries
    self.mark = mark
    self.path = path
    self.reader = reader
  }

  /// Keys in the order of the file.
  var keys: [String] { entries.map(\.key) }

  /// A field that may be missing.
  func optional(_ key: String) -> ConfigurationField? {
    asked.append(key)
    guard let entry = entries.first(where: { $0.key == key }), !entry.value.isNull else { return nil }
    return ConfigurationField(node: entry.value, mark: entry.value.mark, path: child(key), reader: reader)
  }

  /// A field that must be there; what reads it notes that it is missing.
  func required(_ key: String) -> ConfigurationField {
    optional(key) ?? ConfigurationField(node: nil, mark: mark, path: child(key), reader: reader)
  }

  /// Call when every known key has been asked for.
  func close() {
    let known = Set(asked).sorted().joined(separator: ", ")
    for entry in entries where !asked.contains(entry.key) {
      reader.note("unknown key, expected one of \(known)", at: child(entry.key), entry.keyMark)
    }
  }

  private func child(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

/// One value and where it stands.
struct ConfigurationField {
  let node: YAMLNode?
  let mark: SourceMark
  let path: String
  let reader: ConfigurationReader

  func note(_ message: String) { reader.note(message, at: path, mark) }

  private func expected(_ what: String) {
    note(node == nil ? "is missing, expected \(what)" : "expected \(what)")
  }

  func section() -> ConfigurationSection {
    guard case .mapping(let entries) = node?.content else {
      expected("a mapping")
      return ConfigurationSection(entries: [], mark: mark, path: path, reader: reader)
    }
    return ConfigurationSection(entries: entries, mark: mark, path: path, reader: reader)
  }

  /// Reads a section and reports its unknown keys.
  func section<Value>(_ body: (ConfigurationSection) -> Value) -> Value {
    let section = section()
    let value = body(section)
    // A section that is missing as a whole is reported once, not key by key.
    section.close()
    return value
  }

  /// A number, or `{value: …, approved: false}`.
  func number(in range: ClosedRange<Double>) -> Double {
    if case .mapping = node?.content {
      return section { section in
        if section.optional("approved")?.flag() == false { reader.noteUnapproved(path) }
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

  func wholeNumber(in range: ClosedRange<Int>) -> Int {
    let value = number(in: Double(range.lowerBound)...Double(range.upperBound))
    guard value == value.rounded() else {
      expected("a whole number")
      return range.lowerBound
    }
    return Int(value)
  }

  func seconds(in range: ClosedRange<Int>) -> Duration { .seconds(wholeNumber(in: range)) }

  func flag() -> Bool {
    switch node?.content {
    case .scalar("true", isPlain: true): return true
    case .scalar("false", isPlain: true): return false
    default:
      expected("true or false")
      return false
    }
  }

  func text() -> String {
    guard case .scalar(let text, _) = node?.content, !text.isEmpty else {
      expected("a text")
      return ""
    }
    return text
  }

  /// A name that goes into queries and URLs as it is.
  func identifier() -> String {
    let text = text()
    guard text.isASCIIAlphanumeric(or: "_.-") else {
      expected("a name of letters, digits, _, . and -")
      return ""
    }
    return text
  }

  func texts() -> [String] {
    guard case .sequence(let nodes) = node?.content, !nodes.isEmpty else {
      expected("a list of texts")
      return []
    }
    return nodes.enumerated().map { index, node in
      ConfigurationField(node: node, mark: node.mark, path: "\(path)[\(index)]", reader: reader).text()
    }
  }

  /// Texts, or the empty list `[]`.
  func textsOrNone() -> [String] {
    if case .sequence(let nodes) = node?.content, nodes.isEmpty { return [] }
    return texts()
  }

  func items() -> [ConfigurationField] {
    guard case .sequence(let nodes) = node?.content, !nodes.isEmpty else {
      expected("a list")
      return []
    }
    return nodes.enumerated().map { index, node in
      ConfigurationField(node: node, mark: node.mark, path: "\(path)[\(index)]", reader: reader)
    }
  }

  /// One of the names of a `String` enumeration.
  func choice<Choice: RawRepresentable & CaseIterable>(_ type: Choice.Type) -> Choice
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
