/// One time that a rule's condition held long enough to be an alert: a function of the stored samples.
public struct Episode: Sendable, Hashable, Codable {
  public var key: AlertKey
  /// When the condition began; with the key, the episode's name. Event time, as below.
  public var sinceMs: Int64
  public var raisedMs: Int64
  /// Nil while it goes on.
  public var endedMs: Int64?
  /// The beginning of the occurrence it belongs to: its own, or that of the first of a row of episodes that
  /// followed each other within 24 h.
  public var occurrenceSinceMs: Int64
  /// How many came before it in that row.
  public var flapCount: Int64
  /// What the rule judged when it raised, millionths.
  public var valuePpm: Int32?

  /// A re-raise that soon after a clear is the same occurrence.
  public static let flapMs: Int64 = 86_400_000

  /// An episode that has just been raised, after the one before it of the same key.
  public init(key: AlertKey, sinceMs: Int64, raisedMs: Int64, valuePpm: Int32?, after previous: Episode?) {
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

  /// One that lies in the store.
  public init(
    key: AlertKey, sinceMs: Int64, raisedMs: Int64, endedMs: Int64?, occurrenceSinceMs: Int64,
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

  /// Names the occurrence whatever the order of arrival and across restarts.
  public func occurrenceID(site: String) -> String {
    OccurrenceID.text(site: site, key: key, sinceMs: occurrenceSinceMs)
  }

  /// Whether both hold at one time.
  func overlaps(_ other: Episode) -> Bool {
    raisedMs < other.endedMs ?? .max && other.raisedMs < endedMs ?? .max
  }
}
