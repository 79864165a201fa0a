/// The open episodes that do not page yet, because they may lie in the past: their data lag behind the clock, or
/// their newest data are good again.
///
/// A value without clock or rules. At most one episode of a key is held.
struct HeldEpisodes: Sendable {
  private struct Held: Sendable {
    var episode: Episode
    var measure: AlarmMeasure
    /// The clock's time when it was raised, and when its source last sent data.
    var fromMs: Int64
    var touchedMs: Int64
  }

  /// A source whose newest data are older than this is catching up.
  static let lagMs: Int64 = 600_000
  /// An episode is due when no data came for `quietMs`, at the latest after `longestHoldMs`: a camera that always
  /// sends late never becomes quiet.
  static let quietMs: Int64 = 10_000
  static let longestHoldMs: Int64 = 900_000

  private var held: [AlarmKey: Held] = [:]

  var isEmpty: Bool { held.isEmpty }

  subscript(key: AlarmKey) -> Episode? { held[key]?.episode }

  /// Whether the episode of that key and start is held.
  func contains(_ episode: Episode) -> Bool { held[episode.key]?.episode.sinceMs == episode.sinceMs }

  mutating func hold(_ episode: Episode, _ measure: AlarmMeasure, nowMs: Int64) {
    held[episode.key] = Held(episode: episode, measure: measure, fromMs: nowMs, touchedMs: nowMs)
  }

  /// The source of a held episode sent data.
  mutating func touch(_ key: AlarmKey, nowMs: Int64) { held[key]?.touchedMs = nowMs }

  /// The held episode of the key has changed; data made it change.
  mutating func amend(_ episode: Episode, nowMs: Int64) {
    held[episode.key]?.episode = episode
    held[episode.key]?.touchedMs = nowMs
  }

  /// Ends the hold. Returns what was held.
  @discardableResult
  mutating func release(_ key: AlarmKey) -> (episode: Episode, measure: AlarmMeasure)? {
    held.removeValue(forKey: key).map { ($0.episode, $0.measure) }
  }

  /// Ends the hold of a camera's episodes.
  mutating func release(camera: String) {
    held = held.filter { !($0.key.rule.isOfCamera && $0.key.sourceID == camera) }
  }

  /// The keys whose source is quiet or caught up, or that are held too long, in the order in which they are to page.
  ///
  /// - Parameter headMs: the newest event time of a source; nil where only silence shows that it caught up.
  func due(headMs: (AlarmKey) -> Int64?, nowMs: Int64) -> [AlarmKey] {
    // `site_model` sorts after `confidence_low` but must come first.
    held.filter {
      nowMs - $0.value.touchedMs >= Self.quietMs || nowMs - $0.value.fromMs >= Self.longestHoldMs
        || nowMs < $0.value.fromMs || headMs($0.key).map { nowMs - $0 <= Self.lagMs } ?? false
    }.keys.sorted { ($0.rule == .siteModel ? 0 : 1, $0) < ($1.rule == .siteModel ? 0 : 1, $1) }
  }
}
