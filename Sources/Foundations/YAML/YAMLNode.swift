/// A place in a text. Line and column count from 1.
public struct SourceMark: Sendable, Equatable, Comparable {
  public var line: Int
  /// In characters; in bytes where the text is not valid UTF-8.
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (left: SourceMark, right: SourceMark) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// A value in a YAML document, with its position.
public struct YAMLNode: Sendable, Equatable {
  /// The three kinds of YAML values.
  public indirect enum Content: Sendable, Equatable {
    /// The text without quotes. `isPlain` is false where it was quoted, so that `"5"` stays a text.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    /// In document order; keys are distinct.
    case mapping([Entry])
  }

  /// One key of a mapping and its value.
  public struct Entry: Sendable, Equatable {
    /// Without quotes.
    public var key: String
    /// Where the key begins.
    public var keyMark: SourceMark
    public var value: YAMLNode
  }

  public var content: Content
  /// Where the value begins.
  public var mark: SourceMark

  /// An empty or `null` plain scalar.
  public var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

/// A text is not valid YAML, or uses a YAML feature that configuration must not use.
public struct YAMLError: Error, Sendable, Equatable {
  public var mark: SourceMark
  /// libyaml's text or ours; may quote a key.
  public var message: String
}
