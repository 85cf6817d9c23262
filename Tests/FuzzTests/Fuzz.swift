import Foundation
import Testing

@testable import Sandbox

/// Random input from a seed, so that a failure can be repeated.
///
/// `FUZZ_SEED` selects another sequence, `FUZZ_ROUNDS` a longer one (`scripts/fuzz`).
struct Fuzz: RandomNumberGenerator {
  static let rounds = ProcessInfo.processInfo.environment["FUZZ_ROUNDS"].flatMap { Int($0) } ?? 400
  static let seed = ProcessInfo.processInfo.environment["FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

  private var random: SandboxRandom

  init(_ name: String, round: Int) { random = SandboxRandom(name, "\(Fuzz.seed)", "\(round)") }

  mutating func next() -> UInt64 { random.next() }

  mutating func number(below count: Int) -> Int { Int(next() % UInt64(max(1, count))) }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[number(below: elements.count)] }

  /// Texts that often break parsers: extreme numbers, broken strings, deep nesting, unusual Unicode, YAML syntax.
  static let tokens = [
    "null", "true", "false", "0", "-0", "-1", "1e2", "1.0", "1e999", "-1e999", "9223372036854775808", "0.1e-400", "01",
    "1.", "-", "\"\"", "\"1\"", "\"null\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\ud83d\\ude00\"", "\"\\u00e9\"",
    "\"\\q\"",
    "{", "}", "[", "]", "[]", "{}", ",", ":", "\"", "\\", "\\u12", "\u{0}", "\n", "\u{1F600}", "\u{2028}", "\u{FEFF}",
    "'",
    String(repeating: "[", count: 600), String(repeating: "{\"a\":", count: 600), "- ", "  ", ": ", "#", "&a", "*a",
    "|",
    "%00", "%2F", "..", "//", "=", ";", "\r\n",
  ].map { Array($0.utf8) }

  /// The bytes with a few random changes.
  mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...number(below: 4) {
      let position = number(below: bytes.count + 1)
      switch number(below: 8) {
      case 0 where !bytes.isEmpty: bytes[min(position, bytes.count - 1)] = UInt8(truncatingIfNeeded: next())
      case 1 where !bytes.isEmpty: bytes[min(position, bytes.count - 1)] ^= 1 << UInt8(number(below: 8))
      case 2: bytes.insert(contentsOf: pick(Fuzz.tokens), at: position)
      case 3: bytes.removeSubrange(position..<min(bytes.count, position + 1 + number(below: 12)))
      case 4:
        let end = min(bytes.count, position + 1 + number(below: 40))
        bytes.insert(contentsOf: Array(bytes[position..<end]), at: number(below: bytes.count + 1))
      case 5 where number(below: 4) == 0: bytes.removeSubrange(position...)
      default:
        // Replaces a value: for JSON, this change finds the most.
        guard let colon = bytes[position...].firstIndex(of: UInt8(ascii: ":")) else { continue }
        let end = bytes[(colon + 1)...].firstIndex { ",}".utf8.contains($0) } ?? bytes.count
        bytes.replaceSubrange((colon + 1)..<end, with: pick(Fuzz.tokens))
      }
    }
    return bytes
  }

  /// A random text of letters, quotes, escapes and unusual Unicode characters.
  mutating func text(_ count: Int = 12) -> String {
    let pieces = [
      "a", "Z", "0", " ", "'", "\"", "\\", "\\'", "\\\"", "\n", "\r", "\t", "\u{8}", "\u{c}", "\u{0}", "\u{7f}", "%",
      "_",
      "(", ")", ",", "\u{e9}", "e\u{301}", "\u{1F600}", "\u{200B}", "\u{2028}", "OR 1=1", "--", "/*", "\\u0027", ";",
      "=",
    ]
    var text = ""
    for _ in 0..<number(below: count) { text += pick(pieces) }
    return text
  }
}

/// The first 2000 bytes as readable text, for the message of a failed test.
func shown(_ bytes: [UInt8]) -> Comment { "\(String(decoding: bytes.prefix(2000), as: UTF8.self).debugDescription)" }
