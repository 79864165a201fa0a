import Testing

@testable import AndonCore

/// When a held episode is due to page.
@Suite struct HeldEpisodesTests {
  private let measure = AlarmMeasure(metric: "confidence", value: 1)

  private func episode(_ rule: AlarmRule = .confidenceLow, _ source: String = "cam-01", sinceMs: Int64 = 0)
    -> Episode
  {
    Episode(
      key: AlarmKey(rule: rule, sourceID: source), sinceMs: sinceMs, raisedMs: sinceMs, valuePpm: nil,
      after: nil)
  }

  private func due(_ held: HeldEpisodes, headMs: Int64? = nil, nowMs: Int64) -> [AlarmKey] {
    held.due(headMs: { _ in headMs }, nowMs: nowMs)
  }

  @Test func anEpisodeIsDueOnceItsSourceIsQuiet() {
    var held = HeldEpisodes()
    let one = episode()
    held.hold(one, measure, nowMs: 1_000)
    #expect(due(held, nowMs: 10_999).isEmpty)
    held.touch(one.key, nowMs: 5_000)
    #expect(due(held, nowMs: 14_999).isEmpty && due(held, nowMs: 15_000) == [one.key])
  }

  @Test func aSourceThatNeverRestsIsDueAfterAQuarterOfAnHour() {
    var held = HeldEpisodes()
    let one = episode()
    held.hold(one, measure, nowMs: 0)
    held.touch(one.key, nowMs: 899_999)
    #expect(due(held, nowMs: 899_999).isEmpty && due(held, nowMs: 900_000) == [one.key])
  }

  @Test func aSourceThatCaughtUpIsDueAndSoIsAClockThatWasSetBack() {
    var held = HeldEpisodes()
    let one = episode()
    held.hold(one, measure, nowMs: 1_000_000)
    #expect(due(held, headMs: 400_000, nowMs: 1_000_001).isEmpty)
    #expect(due(held, headMs: 400_001, nowMs: 1_000_001) == [one.key])
    #expect(due(held, nowMs: 999_999) == [one.key])
  }

  @Test func theAlarmOfTheSiteComesBeforeThoseOfItsCameras() {
    var held = HeldEpisodes()
    let episodes = [episode(.confidenceLow, "b"), episode(.siteModel, "v1"), episode(.confidenceLow, "a")]
    for one in episodes { held.hold(one, measure, nowMs: 0) }
    #expect(due(held, nowMs: 10_000) == [episodes[1], episodes[2], episodes[0]].map(\.key))
  }

  @Test func whatChangesStaysHeldUntilItIsReleased() {
    var held = HeldEpisodes()
    var one = episode(sinceMs: 5)
    held.hold(one, measure, nowMs: 0)
    one.sinceMs = 3
    #expect(!held.contains(one) && held[one.key]?.sinceMs == 5)
    held.amend(one, nowMs: 8_000)
    #expect(held.contains(one) && due(held, nowMs: 17_999).isEmpty, "the change came with data")
    let released = held.release(one.key)
    #expect(released?.episode == one && released?.measure == measure && held.isEmpty)
  }

  @Test func aCameraThatIsTakenOutOfServiceHoldsNothing() {
    var held = HeldEpisodes()
    let other = episode(.confidenceLow, "cam-02")
    // A model version that has the camera's name is no camera.
    let version = episode(.siteModel, "cam-01")
    for one in [episode(), episode(.cameraSilent), other, version] { held.hold(one, measure, nowMs: 0) }
    held.release(camera: "cam-01")
    #expect(due(held, nowMs: 10_000) == [version.key, other.key])
  }
}
