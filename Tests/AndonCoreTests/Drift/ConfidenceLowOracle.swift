import AndonCore

/// The rule computed from its definition over the whole history at once: every mean is summed from its
/// window, every active duration from the beginning of its episode. O(samples · (window + samples)), no
/// running state.
struct ConfidenceLowOracle {
  struct Episode {
    var begin: Int
    var raised: Int?
    /// The sample at which it was withdrawn or cleared.
    var end: Int?
  }

  private let samples: [DriftSample]
  private let settings: DriftSettings
  private(set) var episodes: [Episode] = []

  init(samples: [DriftSample], settings: DriftSettings) {
    self.samples = samples
    self.settings = settings
    var index = 0
    while let begin = (index..<samples.count).first(where: isLow) {
      var episode = Episode(begin: begin)
      let left = (begin..<samples.count).first { !isLow($0) }
      let due = (begin..<samples.count).first {
        settings.onDelayMs == 0 || activeMs(begin, $0) > settings.onDelayMs
      }
      if let due, left.map({ due < $0 }) ?? true {
        episode.raised = due
        episode.end = (due..<samples.count).first(where: hasRecovered)
      } else {
        episode.end = left
      }
      episodes.append(episode)
      guard let end = episode.end else { return }
      index = end + 1
    }
  }

  private func sum(_ index: Int) -> Int64? {
    guard index + 1 >= settings.window else { return nil }
    return samples[(index + 1 - settings.window)...index].reduce(0) { $0 + Int64($1.confidencePpm) }
  }

  func meanPpm(_ index: Int) -> Int32? { sum(index).map { Int32($0 / Int64(settings.window)) } }

  private func isLow(_ index: Int) -> Bool {
    sum(index).map { $0 < Int64(settings.limitPpm) * Int64(settings.window) } ?? false
  }

  private func isClear(_ index: Int) -> Bool {
    sum(index).map { $0 >= Int64(settings.clearLimitPpm) * Int64(settings.window) } ?? false
  }

  /// The gaps from `begin` to `index` between samples that were both low.
  private func activeMs(_ begin: Int, _ index: Int) -> Int64 {
    guard index > begin else { return 0 }
    return ((begin + 1)...index).filter { isLow($0 - 1) && isLow($0) }.reduce(0) {
      $0 + min(samples[$1].timestampMs - samples[$1 - 1].timestampMs, settings.gapCreditMs)
    }
  }

  /// Whether every mean was clear for the clear delay up to here. A low mean is never clear, so the search
  /// cannot go back beyond the raise.
  private func hasRecovered(_ index: Int) -> Bool {
    guard isClear(index) else { return false }
    var first = index
    while first > 0, isClear(first - 1) { first -= 1 }
    return samples[index].timestampMs - samples[first].timestampMs >= settings.clearDelayMs
  }

  var transitions: [DriftTransition] {
    episodes.flatMap { episode in
      let sinceMs = samples[episode.begin].timestampMs
      var steps: [DriftTransition] = []
      func add(_ kind: DriftTransition.Kind, _ index: Int) {
        steps.append(DriftTransition(kind: kind, sinceMs: sinceMs, atMs: samples[index].timestampMs))
      }
      if episode.raised != episode.begin { add(.pending, episode.begin) }
      if let raised = episode.raised { add(.raised, raised) }
      if let end = episode.end { add(episode.raised == nil ? .withdrawn : .cleared, end) }
      return steps
    }
  }

  /// State and active duration after the sample at `index`.
  func verdict(_ index: Int) -> (state: ConfidenceLowRule.State, activeMs: Int64) {
    guard sum(index) != nil else { return (.insufficientData, 0) }
    let open = episodes.first { $0.begin <= index && $0.end.map { index < $0 } ?? true }
    guard let open else { return (.normal, 0) }
    let sinceMs = samples[open.begin].timestampMs
    let cover = activeMs(open.begin, index)
    guard let raised = open.raised, raised <= index else { return (.pending(sinceMs: sinceMs), cover) }
    return (.active(sinceMs: sinceMs, raisedMs: samples[raised].timestampMs), cover)
  }
}
