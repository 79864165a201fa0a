import AndonCore
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonHTTP
@testable import AndonIngest
@testable import AndonStore

/// The API shows the current state of alerts, not the state when a detector was last saved.
@Suite(.ownThread) struct AlarmReaderTests {
  private let minute: Int64 = 60_000

  @Test func aCameraThatSpeaksAgainIsNotStale() throws {
    let site = try TestSite()
    for number in 0..<110 {
      site.add(TestSite.event(TestSite.nowMs - 45 * minute + Int64(number) * 1000, worker: "W\(number % 5)"))
    }
    _ = try site.turn.commitAdded()
    let before = try AlarmReader.records(site.site, site.store, nowMs: TestSite.nowMs)
    #expect(before.map(\.machine.isStale) == [true])
    // In the same hour, so that the ingest loop has no reason to save the detector.
    site.add(TestSite.event(TestSite.nowMs - 16 * minute))
    _ = try site.turn.commitAdded()
    let saved = try #require(try site.store.driftStates().first)
    let settings = DetectorSettings(
      low: DriftSettings(site.site.drift), gatePpm: site.site.ingest.minConfidencePpm)
    let state = try #require(saved.state)
    let detector = try #require(DriftDetector(encoded: state, settings: settings))
    #expect(try #require(detector.lastSample).timestampMs < TestSite.nowMs - 30 * minute)
    let after = try AlarmReader.records(site.site, site.store, nowMs: TestSite.nowMs)
    #expect(after.map(\.machine.isStale) == [false])
  }
}
