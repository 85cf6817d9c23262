import Formats
import YAML

/// A YAML file whose values are replaced one by one; everything else stays byte for byte.
struct YAMLText {
  /// Lines with their line ends, as libyaml counts them: in code points.
  private var lines: [[Unicode.Scalar]] = [[]]
  private let prefix: [UInt8]
  private let root: YAMLNode
  private var replacements: [(mark: SourceMark, old: String, new: String)] = []

  /// - Returns: Nil for bytes that are no YAML.
  init?(_ bytes: [UInt8]) {
    let body = UTF8Text.withoutMark(bytes)
    guard UTF8Text.defect(bytes) == nil, let root = try? YAMLParser.parse(body) else { return nil }
    self.root = root
    prefix = Array(bytes.prefix(bytes.count - body.count))
    var previous: Unicode.Scalar?
    for scalar in String(decoding: body, as: UTF8.self).unicodeScalars {
      // A line feed after a carriage return belongs to the same end of line.
      if let previous, previous.endsLine, !(previous == "\r" && scalar == "\n") { lines.append([]) }
      lines[lines.count - 1].append(scalar)
      previous = scalar
    }
  }

  /// The text of the value at a path; nil where there is none, or a list or mapping.
  subscript(path: [String]) -> String? {
    guard case .scalar(let text, _) = root.value(path)?.content else { return nil }
    return text
  }

  /// - Returns: False where there is no text or number at the path.
  mutating func replace(_ path: [String], by new: String) -> Bool {
    guard let node = root.value(path), case .scalar(let old, isPlain: true) = node.content else { return false }
    replacements.append((node.mark, old, new))
    return true
  }

  /// Nil where a value is not written as it reads, so that it can't be replaced.
  var replaced: [UInt8]? {
    var lines = lines
    // From the end, so that earlier marks stay right.
    for (mark, old, new) in replacements.sorted(by: { $1.mark < $0.mark }) {
      let (line, start, count) = (mark.line - 1, mark.column - 1, old.unicodeScalars.count)
      guard lines.indices.contains(line), start + count <= lines[line].count,
        lines[line][start..<(start + count)].elementsEqual(old.unicodeScalars)
      else { return nil }
      lines[line].replaceSubrange(start..<(start + count), with: Array(new.unicodeScalars))
    }
    var text = String.UnicodeScalarView()
    for line in lines { text.append(contentsOf: line) }
    return prefix + Array(String(text).utf8)
  }
}

extension Unicode.Scalar {
  fileprivate var endsLine: Bool { ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(self) }
}

extension YAMLNode {
  /// The value at a path of keys and of positions in lists, such as `[0]`; nil where there is none.
  fileprivate func value(_ path: [String]) -> YAMLNode? {
    guard let key = path.first else { return self }
    let rest = Array(path.dropFirst())
    switch content {
    case .mapping(let entries): return entries.first { $0.key == key }?.value.value(rest)
    case .sequence(let items):
      guard key.hasPrefix("["), let index = Int(key.dropFirst().dropLast()), items.indices.contains(index) else {
        return nil
      }
      return items[index].value(rest)
    case .scalar: return nil
    }
  }
}
