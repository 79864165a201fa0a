import AndonCore
import Testing

@Suite struct EpisodeTests {
  private let key = AlarmKey(rule: .confidenceLow, sourceID: "cam-01", modelVersion: "yolov8-1.2.0")

  private func episode(_ sinceMs: Int64, _ raisedMs: Int64, _ endedMs: Int64? = nil) -> Episode {
    var episode = Episode(key: key, sinceMs: sinceMs, raisedMs: raisedMs, valuePpm: nil, after: nil)
    episode.endedMs = endedMs
    return episode
  }

  /// A published occurrence must keep its id for ever.
  @Test func theNameOfAnOccurrenceNeverChanges() {
    let episode = episode(1_795_219_200_000 + 990_000, 1_795_223_800_000)
    #expect(episode.occurrenceID(site: "plant-a") == "43abe74a8b84bcbd")
    #expect(episode.occurrenceID(site: "plant-b") != "43abe74a8b84bcbd")
  }

  @Test func withinADayItIsTheSameOccurrence() {
    let first = episode(0, 10, 20)
    let inTime = Episode(
      key: key, sinceMs: 86_400_000, raisedMs: 86_400_020, valuePpm: nil, after: first)
    #expect(inTime.occurrenceSinceMs == 0 && inTime.flapCount == 1)
    let tooLate = Episode(
      key: key, sinceMs: 86_400_000, raisedMs: 86_400_021, valuePpm: nil, after: first)
    #expect(tooLate.occurrenceSinceMs == 86_400_000 && tooLate.flapCount == 0)
  }

  @Test func nothingChangedIsNoChange() {
    #expect(
      EpisodeChange.between([episode(0, 1, 2), episode(5, 6)], [episode(0, 1, 2), episode(5, 6)]).isEmpty)
  }

  @Test func addedAmendedAndRetracted() {
    let (a, b, c) = (episode(0, 10, 20), episode(100, 110, 120), episode(200, 210, nil))
    #expect(EpisodeChange.between([], [a]) == [.added(a)])
    #expect(EpisodeChange.between([a, b], [b]) == [.retracted(a)])
    let longer = episode(0, 10, 30)
    #expect(EpisodeChange.between([a], [longer]) == [.amended(from: a, to: longer)])
    let moved = episode(5, 15, 25)
    #expect(EpisodeChange.between([a, c], [moved, c]) == [.amended(from: a, to: moved)])
    let apart = episode(40, 50, 60)
    #expect(EpisodeChange.between([a], [apart]) == [.retracted(a), .added(apart)])
  }

  @Test func aListCanBeRewound() {
    var list = EpisodeList(key: key)
    for (kind, since, at) in [
      (.raised, 0, 10), (.cleared, 0, 20), (.pending, 25, 25), (.withdrawn, 25, 28), (.raised, 30, 40),
      (.cleared, 30, 50),
    ] as [(DriftTransition.Kind, Int64, Int64)] {
      list.apply(DriftTransition(kind: kind, sinceMs: since, atMs: at), valuePpm: 700_000)
    }
    #expect(list.episodes.map(\.endedMs) == [20, 50] && list.episodes.map(\.flapCount) == [0, 1])
    #expect(list.rewound(to: 45).episodes.map(\.endedMs) == [20, nil])
    #expect(list.rewound(to: 40).episodes.map(\.endedMs) == [20])
    #expect(list.rewound(to: 15).episodes.map(\.endedMs) == [nil])
    #expect(list.rewound(to: 0).episodes.isEmpty)
  }
}
