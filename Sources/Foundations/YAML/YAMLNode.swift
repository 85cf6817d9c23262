/// A place in a text, both counted from 1.
public struct SourceMark: Sendable, Equatable, Comparable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (left: SourceMark, right: SourceMark) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// A part of a YAML document that knows where it stands.
public struct YAMLNode: Sendable, Equatable {
  public indirect enum Content: Sendable, Equatable {
    /// The text as written; `isPlain` where it was not quoted, so that `"5"` stays a text.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    /// In document order; keys are distinct.
    case mapping([Entry])
  }

  public struct Entry: Sendable, Equatable {
    public var key: String
    public var keyMark: SourceMark
    public var value: YAMLNode
  }

  public var content: Content
  public var mark: SourceMark

  /// An empty or `null` plain scalar.
  public var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

/// Text that is not the YAML that configuration is written in.
public struct YAMLError: Error, Sendable, Equatable {
  public var mark: SourceMark
  public var message: String
}
