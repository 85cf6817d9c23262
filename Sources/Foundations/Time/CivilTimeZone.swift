/// A time zone of the IANA database, to tell which day an instant lies in.
///
/// Reads the compiled form that every Unix has (TZif, RFC 9636). FoundationEssentials knows no zone but UTC.
public struct CivilTimeZone: Sendable, Equatable {
  /// Such as `Europe/Berlin`.
  public let name: String
  /// In seconds since 1970, ascending, with the offset from UTC in seconds that holds from then on.
  private let transitions: [Transition]
  private let initialOffset: Int
  /// What holds after the last transition; nil: the last offset.
  private let rule: POSIXTimeZone?

  private struct Transition: Equatable {
    let instant: Int64
    let offset: Int
  }

  public static let utc = CivilTimeZone(name: "UTC")

  private init(name: String) {
    self.name = name
    (transitions, initialOffset, rule) = ([], 0, nil)
  }

  /// - Parameter file: The zone's TZif file. Nil where it is none.
  public init?(name: String, file: [UInt8]) {
    var reader = BigEndianReader(file)
    guard let first = TZifHeader(&reader) else { return nil }
    var header = first
    var isWide = false
    if first.version >= UInt8(ascii: "2") {
      guard reader.skip(first.length(timeSize: 4)), let second = TZifHeader(&reader) else { return nil }
      header = second
      isWide = true
    }
    var instants: [Int64] = []
    var kinds: [Int] = []
    for _ in 0..<header.transitions {
      guard let instant = isWide ? reader.integer(Int64.self) : reader.integer(Int32.self).map(Int64.init) else {
        return nil
      }
      instants.append(instant)
    }
    for _ in 0..<header.transitions {
      guard let kind = reader.integer(UInt8.self) else { return nil }
      kinds.append(Int(kind))
    }
    var types: [(offset: Int, isSummer: Bool)] = []
    for _ in 0..<header.types {
      guard let offset = reader.integer(Int32.self), let isSummer = reader.integer(UInt8.self),
        reader.skip(1), abs(offset) < 100_000
      else { return nil }
      types.append((Int(offset), isSummer != 0))
    }
    guard let standard = types.first(where: { !$0.isSummer }) ?? types.first, kinds.allSatisfy(types.indices.contains),
      instants == instants.sorted()
    else { return nil }
    self.name = name
    transitions = zip(instants, kinds).map { Transition(instant: $0, offset: types[$1].offset) }
    initialOffset = standard.offset
    guard isWide else {
      rule = nil
      return
    }
    guard reader.skip(header.rest(timeSize: 8)) else { return nil }
    let footer = reader.line()
    if footer.isEmpty {
      rule = nil
    } else {
      guard let known = POSIXTimeZone(footer) else { return nil }
      rule = known
    }
  }

  /// Seconds that clocks there are ahead of UTC.
  func offset(at instant: Int64) -> Int {
    if let last = transitions.last, instant < last.instant {
      var (low, high) = (0, transitions.count)
      while low < high {
        let middle = (low + high) / 2
        if transitions[middle].instant <= instant { low = middle + 1 } else { high = middle }
      }
      return low == 0 ? initialOffset : transitions[low - 1].offset
    }
    return rule?.offset(at: instant) ?? transitions.last?.offset ?? initialOffset
  }

  /// The day that an instant lies in there.
  public func date(of instant: Timestamp) -> CalendarDate {
    instant.advanced(bySeconds: Int64(offset(at: instant.seconds))).date
  }

  /// The first instant of a day there; not midnight where clocks jump over it.
  public func start(of date: CalendarDate) -> Timestamp {
    let midnight = date.start.seconds
    let candidates = [-86_400, 86_400].map { midnight - Int64(offset(at: midnight + $0)) }.sorted()
    let start = candidates.first { $0 + Int64(offset(at: $0)) >= midnight } ?? candidates[1]
    return Timestamp(milliseconds: start * 1000)
  }
}

private struct TZifHeader {
  let version: UInt8
  private let universalFlags, standardFlags, leapSeconds: Int
  let transitions, types: Int
  private let characters: Int

  init?(_ reader: inout BigEndianReader) {
    guard reader.bytes(4) == Array("TZif".utf8), let version = reader.integer(UInt8.self), reader.skip(15) else {
      return nil
    }
    var counts: [Int] = []
    for _ in 0..<6 {
      guard let count = reader.integer(UInt32.self), count < 100_000 else { return nil }
      counts.append(Int(count))
    }
    self.version = version
    (universalFlags, standardFlags, leapSeconds) = (counts[0], counts[1], counts[2])
    (transitions, types, characters) = (counts[3], counts[4], counts[5])
  }

  func length(timeSize: Int) -> Int { transitions * (timeSize + 1) + types * 6 + rest(timeSize: timeSize) }

  /// What follows the types.
  func rest(timeSize: Int) -> Int { characters + leapSeconds * (timeSize + 4) + standardFlags + universalFlags }
}

private struct BigEndianReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  mutating func bytes(_ count: Int) -> [UInt8]? {
    guard rest.count >= count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  mutating func skip(_ count: Int) -> Bool { bytes(count) != nil }

  mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
    bytes(Value.bitWidth / 8)?.reduce(0 as Value) { $0 << 8 | Value(truncatingIfNeeded: $1) }
  }

  /// What stands between the next two line breaks; empty without them.
  mutating func line() -> String {
    guard rest.first == 10 else { return "" }
    return String(decoding: rest.dropFirst().prefix { $0 != 10 }, as: UTF8.self)
  }
}
