/// One stretch of time in which a rule's condition held long enough for an alarm: a function of the stored
/// samples.
public struct Episode: Sendable, Hashable, Codable {
  public var key: AlarmKey
  /// When the condition began; together with the key it identifies the episode. Event time, like the others.
  public var sinceMs: Int64
  public var raisedMs: Int64
  /// Nil while the episode is open.
  public var endedMs: Int64?
  /// The beginning of its occurrence: its own, or that of the first of a sequence of episodes each of which
  /// followed within 24 h of the one before.
  public var occurrenceSinceMs: Int64
  /// How many episodes precede it in that sequence.
  public var flapCount: Int64
  /// What the rule judged when it raised, in millionths.
  public var valuePpm: Int32?

  /// A re-raise within this time of a clear is the same occurrence.
  public static let flapMs: Int64 = 86_400_000

  /// A newly raised episode; `previous` is the last one of the same key.
  public init(key: AlarmKey, sinceMs: Int64, raisedMs: Int64, valuePpm: Int32?, after previous: Episode?) {
    self.key = key
    self.sinceMs = sinceMs
    self.raisedMs = raisedMs
    self.valuePpm = valuePpm
    if let previous, let endedMs = previous.endedMs, raisedMs - endedMs <= Self.flapMs {
      occurrenceSinceMs = previous.occurrenceSinceMs
      flapCount = previous.flapCount + 1
    } else {
      occurrenceSinceMs = sinceMs
      flapCount = 0
    }
  }

  /// A stored episode.
  public init(
    key: AlarmKey, sinceMs: Int64, raisedMs: Int64, endedMs: Int64?, occurrenceSinceMs: Int64,
    flapCount: Int64, valuePpm: Int32?
  ) {
    self.key = key
    self.sinceMs = sinceMs
    self.raisedMs = raisedMs
    self.endedMs = endedMs
    self.occurrenceSinceMs = occurrenceSinceMs
    self.flapCount = flapCount
    self.valuePpm = valuePpm
  }

  public var isOpen: Bool { endedMs == nil }

  /// The id of the occurrence, independent of the order of arrival and stable over restarts.
  public func occurrenceID(site: String) -> String {
    OccurrenceID.text(site: site, key: key, sinceMs: occurrenceSinceMs)
  }

  /// Whether both were raised at a common time.
  func overlaps(_ other: Episode) -> Bool {
    raisedMs < other.endedMs ?? .max && other.raisedMs < endedMs ?? .max
  }
}
