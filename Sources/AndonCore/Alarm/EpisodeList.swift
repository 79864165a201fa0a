/// The episodes of one key and rule, derived step by step.
public struct EpisodeList: Sendable, Hashable {
  public let key: AlarmKey
  public private(set) var episodes: [Episode]

  /// Continues from known episodes: at least the last one before the steps to come.
  public init(key: AlarmKey, episodes: [Episode] = []) {
    self.key = key
    self.episodes = episodes
  }

  /// Applies a raise or a clear; the other steps do not change episodes.
  public mutating func apply(_ transition: DriftTransition, valuePpm: Int32?) {
    switch transition.kind {
    case .raised:
      episodes.append(
        Episode(
          key: key, sinceMs: transition.sinceMs, raisedMs: transition.atMs, valuePpm: valuePpm,
          after: episodes.last))
    case .cleared:
      guard let last = episodes.indices.last, episodes[last].isOpen else { return }
      episodes[last].endedMs = transition.atMs
    case .pending, .withdrawn:
      break
    }
  }

  /// The list as it was before `ms`: later raises are removed, later ends are open again.
  public func rewound(to ms: Int64) -> EpisodeList {
    EpisodeList(
      key: key,
      episodes: episodes.filter { $0.raisedMs < ms }.map { episode in
        var episode = episode
        if let ended = episode.endedMs, ended >= ms { episode.endedMs = nil }
        return episode
      })
  }

  /// The list with the steps of `[from, to)` replaced; what comes later stays as it was.
  public func replaced(from: Int64, to: Int64, with steps: [RuleStep]) -> EpisodeList {
    var list = rewound(to: from)
    for step in steps { list.apply(step.transition, valuePpm: step.valuePpm) }
    for episode in episodes {
      if episode.raisedMs >= to {
        list.apply(
          DriftTransition(kind: .raised, sinceMs: episode.sinceMs, atMs: episode.raisedMs),
          valuePpm: episode.valuePpm)
      }
      if let endedMs = episode.endedMs, endedMs >= to {
        list.apply(
          DriftTransition(kind: .cleared, sinceMs: episode.sinceMs, atMs: endedMs), valuePpm: nil)
      }
    }
    return list
  }
}
