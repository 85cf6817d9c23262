import CYAML

/// Reads one YAML document with libyaml.
///
/// Anchors, aliases and tags are refused. Configuration does not need them, and aliases can make a small file huge.
public struct YAMLParser {
  /// An empty document gives an empty mapping.
  ///
  /// - Throws: ``YAMLError`` for the first problem.
  public static func parse(_ bytes: [UInt8]) throws -> YAMLNode {
    let events = try EventStream(bytes)
    return try withExtendedLifetime(events) {
      try events.document()
    }
  }
}

/// libyaml's events, one at a time.
private final class EventStream {
  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
  /// libyaml reads from it during the whole parse.
  private let input: UnsafeMutableBufferPointer<UInt8>
  private static let maximumDepth = 32

  init(_ bytes: [UInt8]) throws {
    input = .allocate(capacity: max(1, bytes.count))
    _ = input.initialize(from: bytes)
    yaml_parser_initialize(parser)
    yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  private enum Event {
    case scalar(String, isPlain: Bool)
    case sequenceStart, sequenceEnd, mappingStart, mappingEnd, documentEnd, streamEnd, other
  }

  func document() throws -> YAMLNode {
    while true {
      let (event, mark) = try next()
      switch event {
      case .other: continue
      case .streamEnd, .documentEnd: return YAMLNode(content: .mapping([]), mark: SourceMark(line: 1, column: 1))
      default:
        let node = try node(event, mark, depth: 0)
        try expectEnd()
        return node
      }
    }
  }

  private func expectEnd() throws {
    while true {
      let (event, mark) = try next()
      switch event {
      case .streamEnd: return
      case .documentEnd, .other: continue
      default: throw YAMLError(mark: mark, message: "a second document; expected one")
      }
    }
  }

  private func node(_ event: Event, _ mark: SourceMark, depth: Int) throws -> YAMLNode {
    guard depth < EventStream.maximumDepth else { throw YAMLError(mark: mark, message: "nested too deeply") }
    switch event {
    case .scalar(let text, let isPlain):
      return YAMLNode(content: .scalar(text, isPlain: isPlain), mark: mark)
    case .sequenceStart:
      var items: [YAMLNode] = []
      while true {
        let (event, itemMark) = try next()
        if case .sequenceEnd = event { return YAMLNode(content: .sequence(items), mark: mark) }
        items.append(try node(event, itemMark, depth: depth + 1))
      }
    case .mappingStart:
      return YAMLNode(content: .mapping(try entries(depth: depth)), mark: mark)
    default:
      throw YAMLError(mark: mark, message: "an unexpected end")
    }
  }

  private func entries(depth: Int) throws -> [YAMLNode.Entry] {
    var entries: [YAMLNode.Entry] = []
    var seen: Set<String> = []
    while true {
      let (event, mark) = try next()
      if case .mappingEnd = event { return entries }
      guard case .scalar(let key, _) = event else {
        throw YAMLError(mark: mark, message: "expected a key that is a plain text")
      }
      guard seen.insert(key).inserted else { throw YAMLError(mark: mark, message: "the key '\(key)' is given twice") }
      let (valueEvent, valueMark) = try next()
      entries.append(.init(key: key, keyMark: mark, value: try node(valueEvent, valueMark, depth: depth + 1)))
    }
  }

  private func next() throws -> (Event, SourceMark) {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw problem() }
    defer { yaml_event_delete(&event) }
    let mark = SourceMark(line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1)
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      try refuse(anchor: scalar.anchor, tag: scalar.tag, at: mark)
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return (.scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE), mark)
    case YAML_SEQUENCE_START_EVENT:
      try refuse(anchor: event.data.sequence_start.anchor, tag: event.data.sequence_start.tag, at: mark)
      return (.sequenceStart, mark)
    case YAML_MAPPING_START_EVENT:
      try refuse(anchor: event.data.mapping_start.anchor, tag: event.data.mapping_start.tag, at: mark)
      return (.mappingStart, mark)
    case YAML_ALIAS_EVENT:
      throw YAMLError(mark: mark, message: "aliases (*name) are not supported; write the value out")
    case YAML_SEQUENCE_END_EVENT: return (.sequenceEnd, mark)
    case YAML_MAPPING_END_EVENT: return (.mappingEnd, mark)
    case YAML_DOCUMENT_END_EVENT: return (.documentEnd, mark)
    case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return (.streamEnd, mark)
    default: return (.other, mark)
    }
  }

  private func refuse(
    anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?, at mark: SourceMark
  ) throws {
    guard anchor == nil else {
      throw YAMLError(mark: mark, message: "anchors (&name) are not supported; write the value out")
    }
    guard tag == nil else { throw YAMLError(mark: mark, message: "tags (!name) are not supported") }
  }

  private func problem() -> YAMLError {
    let state = parser.pointee
    let text = state.problem.map { String(cString: $0) } ?? "not valid YAML"
    // Encoding problems have an offset only.
    guard state.problem_mark.line > 0 || state.problem_mark.column > 0 || state.problem_offset == 0 else {
      let before = input.prefix(state.problem_offset)
      let line = before.count { $0 == 10 } + 1
      let column = before.count - (before.lastIndex(of: 10).map { $0 + 1 } ?? 0) + 1
      return YAMLError(mark: SourceMark(line: line, column: column), message: text)
    }
    let mark = SourceMark(line: Int(state.problem_mark.line) + 1, column: Int(state.problem_mark.column) + 1)
    let context = state.context.map { " (\(String(cString: $0)))" } ?? ""
    return YAMLError(mark: mark, message: text + context)
  }
}
