import Formats
import Testing

@Suite struct RationalTests {
  @Test(arguments: [
    ("0", "0"), ("12.50", "12.5"), ("-0.010", "-0.01"), ("1e3", "1000"), ("1275.0", "1275"), ("4518.62", "4518.62"),
    ("1.5E-3", "0.0015"), ("007", "7"),
  ])
  func decimalsKeepTheirValue(_ text: String, _ shown: String) {
    #expect(Rational(decimal: text)?.decimalText == shown)
  }

  @Test(arguments: ["", "-", "1,5", "abc", "1e", "1e99", "0x10", "1 000", "٣", "1234567890123456789012345678901"])
  func otherTextIsNoNumber(_ text: String) { #expect(Rational(decimal: text) == nil) }

  /// Half to even, on both sides of 0.
  @Test(arguments: [
    ("0.125", "0.12"), ("0.135", "0.14"), ("0.1251", "0.13"), ("-0.125", "-0.12"), ("-0.135", "-0.14"), ("2.005", "2"),
    ("99.995", "100"),
  ])
  func roundsHalfToEven(_ text: String, _ shown: String) {
    #expect(Rational(decimal: text)?.rounded(decimals: 2)?.decimalText == shown)
  }

  @Test func thirdsAreExact() {
    let third = Rational(1, over: 3)
    #expect(third?.decimalText == nil)
    let whole = third.flatMap { $0.adding($0) }.flatMap { two in third.flatMap { two.adding($0) } }
    #expect(whole == Rational(1))
    #expect(Rational(365, over: 12)?.multiplied(by: Rational(12)) == Rational(365))
  }

  @Test func whatDoesNotFitIsNil() {
    let large = Rational(.max, over: 1)
    #expect(large?.adding(Rational(1)) == nil)
    #expect(large?.multiplied(by: Rational(2)) == nil)
    #expect(Rational(1).divided(by: .zero) == nil)
    #expect(Rational(2) < Rational(3) && Rational(-1) < .zero)
  }
}
