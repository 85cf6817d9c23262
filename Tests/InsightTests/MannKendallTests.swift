import Testing

@testable import Insight

@Suite struct MannKendallTests {
  /// Statistic and variance by hand: 12 values without ties have the variance 12·11·29 ÷ 18.
  @Test func theStatisticIsKendalls() {
    let rising = MannKendall.statistic((1...12).map { Double($0) })
    #expect(rising.sum == 66 && (rising.variance - 12 * 11 * 29 / 18.0).magnitude < 1e-9)
    let tied = MannKendall.statistic([1, 1, 2, 2])
    #expect(tied.sum == 4 && (tied.variance - (4 * 3 * 13 - 2 * 2 * 1 * 9) / 18.0).magnitude < 1e-9)
  }

  @Test(
    arguments: [
      ([1, 2, 3, 4, 5, 6, 7, 8], MannKendall.Trend.rising), ([8, 7, 6, 5, 4, 3, 2, 1], .falling),
      ([1, 5, 2, 6, 1, 5, 2, 6], .none), ([3, 3, 3, 3, 3, 3, 3, 3], .none), ([0, 0, 0, 0, 0, 0, 0, 1], .none),
      ([], .none),
    ] as [([Double], MannKendall.Trend)]) func trendsBeyondChance(_ values: [Double], _ trend: MannKendall.Trend)
  {
    #expect(MannKendall.trend(of: values) == trend)
  }
}
