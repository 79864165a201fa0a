import AndonCore
import Testing

@Suite struct VersionRegressionTests {
  private func sums(_ count: Int64, _ meanPpm: Int64, more: Int64 = 0) -> (count: Int64, sum: Int64) {
    (count, count * meanPpm + more)
  }

  @Test func fivePointsAreNotMoreThanFivePoints() {
    #expect(!VersionRegression.isWorse(old: sums(1000, 880_000), new: sums(100, 830_000)))
    #expect(VersionRegression.isWorse(old: sums(1000, 880_000), new: sums(100, 830_000, more: -1)))
    #expect(VersionRegression.isWorse(old: sums(1000, 880_000, more: 1), new: sums(100, 830_000)))
  }

  @Test func aBetterVersionIsFine() {
    #expect(!VersionRegression.isWorse(old: sums(1000, 800_000), new: sums(100, 900_000)))
  }

  @Test func fewSamplesOnEitherSideAreNoVerdict() {
    #expect(!VersionRegression.isWorse(old: sums(29, 900_000), new: sums(100, 100_000)))
    #expect(!VersionRegression.isWorse(old: sums(100, 900_000), new: sums(29, 100_000)))
    #expect(VersionRegression.isWorse(old: sums(30, 900_000), new: sums(30, 100_000)))
  }

  @Test func aWeekOfABusyPlantDoesNotOverflow() {
    let many: Int64 = 1 << 36
    #expect(VersionRegression.isWorse(old: sums(many, 1_000_000), new: sums(many, 0)))
  }
}
