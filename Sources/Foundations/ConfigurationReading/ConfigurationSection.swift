import YAML

/// A YAML mapping that records which keys are read. ``close()`` reports all other keys as unknown.
public final class ConfigurationSection {
  public let mark: SourceMark
  public let path: String
  public let reader: ConfigurationReader
  private let entries: [YAMLNode.Entry]
  private var asked: [String] = []

  public init(entries: [YAMLNode.Entry], mark: SourceMark, path: String, reader: ConfigurationReader) {
    self.entries = entries
    self.mark = mark
    self.path = path
    self.reader = reader
  }

  /// Keys in the order of the file.
  public var keys: [String] { entries.map(\.key) }

  /// A field that may be missing.
  public func optional(_ key: String) -> ConfigurationField? {
    asked.append(key)
    guard let entry = entries.first(where: { $0.key == key }), !entry.value.isNull else { return nil }
    return ConfigurationField(node: entry.value, mark: entry.value.mark, path: child(key), reader: reader)
  }

  /// A field that must be there. If it is missing, reading its value reports the problem.
  public func required(_ key: String) -> ConfigurationField {
    optional(key) ?? ConfigurationField(node: nil, mark: mark, path: child(key), reader: reader)
  }

  /// Reads `approved`, which says whether people have agreed to this section's figures: `true`, `false`, or who agreed
  /// and when, `{ by: "Name", on: 2026-11-26 }`. A section without it needs no approval.
  public func approval() {
    guard let field = optional("approved") else { return }
    if case .mapping = field.node?.content {
      field.section { section in
        _ = section.required("by").text()
        section.required("on").date()
      }
    } else if !field.flag() {
      reader.noteUnapproved(path)
    }
  }

  /// Reports unknown keys. Call it after every known key has been read.
  public func close() {
    let known = Set(asked).sorted().joined(separator: ", ")
    for entry in entries where !asked.contains(entry.key) {
      reader.note("unknown key, expected one of \(known)", at: child(entry.key), entry.keyMark)
    }
  }

  private func child(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
