/// Reproducible randomness: the same words give the same numbers on every machine (SplitMix64).
struct SandboxRandom: RandomNumberGenerator {
  private var state: UInt64

  init(_ words: String...) {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    for byte in words.joined(separator: "/").utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
    self.state = state
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  /// 0..<1.
  mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }

  mutating func isTrue(_ probability: Double) -> Bool { unit() < probability }

  mutating func number(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + unit() * (range.upperBound - range.lowerBound)
  }

  mutating func whole(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[whole(0...(elements.count - 1))] }
}
