/// What a batch of samples changed in the episodes of a key.
public enum EpisodeChange: Sendable, Hashable {
  case added(Episode)
  case amended(from: Episode, to: Episode)
  case retracted(Episode)

  public var key: AlarmKey {
    switch self {
    case .added(let episode), .retracted(let episode), .amended(_, let episode): episode.key
    }
  }

  /// The changes from an old list to a new one of the same key, both in order of time. Late data may move the
  /// beginning of an episode: two episodes that overlap are the same one amended, so that it does not page
  /// twice. O(old · new); the lists are short.
  public static func between(_ old: [Episode], _ new: [Episode]) -> [EpisodeChange] {
    var unmatched = old
    var changes: [EpisodeChange] = []
    var fresh: [Episode] = []
    for episode in new {
      if let index = unmatched.firstIndex(where: { $0.sinceMs == episode.sinceMs }) {
        let before = unmatched.remove(at: index)
        if before != episode { changes.append(.amended(from: before, to: episode)) }
      } else {
        fresh.append(episode)
      }
    }
    for episode in fresh {
      if let index = unmatched.firstIndex(where: { $0.overlaps(episode) }) {
        changes.append(.amended(from: unmatched.remove(at: index), to: episode))
      } else {
        changes.append(.added(episode))
      }
    }
    return unmatched.map { .retracted($0) } + changes
  }
}
