/// Turns `approved: false` into who approved a figure, and when.
public enum Approval {
  /// A key can't be approved, and why.
  public struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
  }

  /// - Parameters:
  ///   - keys: As messages name them: `coverage.minimum_pct`, with or without `thresholds.yaml: ` before it.
  ///   - name: Who approves.
  ///   - date: `2026-11-26`.
  ///   - files: Bytes by file name.
  ///   - unapproved: What waits for approval, as `file: path`.
  /// - Returns: The changed files by name.
  /// - Throws: ``Refusal`` that names every key which can't be approved; nothing is changed then.
  public static func approving(
    _ keys: [String], by name: String, on date: String, in files: [String: [UInt8]], unapproved: [String]
  ) throws -> [String: [UInt8]] {
    let places = unapproved.compactMap { place -> (file: String, path: String)? in
      let parts = place.split(separator: ":", maxSplits: 1)
      return parts.count == 2 ? (String(parts[0]), String(parts[1].dropFirst())) : nil
    }
    let unknown = Set(keys).filter { key in !places.contains { $0.path == key || "\($0.file): \($0.path)" == key } }
    guard unknown.isEmpty else {
      let known = places.map(\.path).joined(separator: ", ")
      throw Refusal(
        description:
          "\(unknown.sorted().joined(separator: ", ")): no figure of that name waits for approval; there \(known.isEmpty ? "is none" : "are: \(known)")"
      )
    }
    var texts: [String: YAMLText] = [:]
    for (file, path) in places where keys.contains(path) || keys.contains("\(file): \(path)") {
      let value = "{ by: \(quoted(name)), on: \(date) }"
      guard var text = texts[file] ?? files[file].flatMap({ YAMLText($0) }),
        text.replace(keyPath(path) + ["approved"], by: value)
      else { throw Refusal(description: "\(file): \(path) can't be changed by a program") }
      texts[file] = text
    }
    return try Dictionary(
      uniqueKeysWithValues: texts.map { file, text in
        guard let bytes = text.replaced else { throw Refusal(description: "\(file): can't be changed by a program") }
        return (file, bytes)
      })
  }

  /// `a.b[0].c` as `a`, `b`, `[0]`, `c`.
  private static func keyPath(_ path: String) -> [String] {
    path.split(separator: ".").flatMap { part -> [String] in
      guard let bracket = part.firstIndex(of: "[") else { return [String(part)] }
      return [String(part[..<bracket]), String(part[bracket...])]
    }
  }

  /// A double-quoted YAML text.
  private static func quoted(_ name: String) -> String {
    "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
