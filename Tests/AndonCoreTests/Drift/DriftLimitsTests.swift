import AndonCore
import Testing

@Suite struct DriftLimitsTests {
  private let limits = DriftLimits(
    DetectorSettings(low: DriftSettings(limitPpm: 750_000, clearLimitPpm: 780_000)),
    cameras: [
      "cam-07": .init(limitPpm: 680_000), "cam-08": .init(clearLimitPpm: 700_000),
      "cam-09": .init(limitPpm: 990_000),
    ],
    models: ["own-3": .init(limitPpm: 660_000, clearLimitPpm: 700_000), "own-4": .init(limitPpm: 600_000)])

  @Test(
    arguments: [
      ("cam-01", "own-1", 750_000, 780_000), ("cam-01", "own-3", 660_000, 700_000),
      ("cam-01", "own-4", 600_000, 630_000),
      ("cam-07", "own-1", 680_000, 710_000), ("cam-07", "own-3", 680_000, 710_000),
      ("cam-08", "own-3", 660_000, 700_000), ("cam-08", "own-1", 750_000, 750_000),
      ("cam-09", "own-1", 990_000, 1_000_000),
    ] as [(String, String, Int32, Int32)])
  func theCameraComesBeforeTheModelAndThatBeforeTheSite(
    camera: String, model: String, limit: Int32, clear: Int32
  ) {
    let low = limits.settings(for: DriftKey(cameraID: camera, modelVersion: model)).low
    #expect(low.limitPpm == limit && low.clearLimitPpm == clear)
    #expect(low.window == 100)
  }

  @Test func theSuggestedLimitIsTheHighestThatWouldHaveKeptQuiet() throws {
    let key = DriftKey(cameraID: "cam-01", modelVersion: "own-3")
    var suggestion = LimitSuggestion(key: key, settings: DetectorSettings())
    // A model that is sure to 0.72, and to 0.64 for two hours of one day.
    for index in 0..<5000 as Range<Int64> {
      let confidence: Int32 = (2000..<2120).contains(index) ? 640_000 : 720_000
      suggestion.add(
        DriftSample(
          timestampMs: index * 60_000, eventID: "e\(index)", workerID: "W1", confidencePpm: confidence))
    }
    #expect(suggestion.isEnough && suggestion.samples == 5000)
    #expect(suggestion.current.limitPpm == 750_000 && suggestion.current.falsePages == 1)
    let best = try #require(suggestion.suggested)
    #expect(best.falsePages == 0 && (600_000...680_000).contains(best.limitPpm))
    #expect(suggestion.stricter.first?.falsePages == 1)
    // Samples after the baseline change nothing.
    suggestion.add(
      DriftSample(
        timestampMs: LimitSuggestion.baselineMs, eventID: "z", workerID: "W1", confidencePpm: 100_000))
    #expect(suggestion.samples == 5000)
  }
}
