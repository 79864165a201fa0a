/// The rules of one time zone as plain numbers: which offset from UTC holds from which instant on.
///
/// The core has no time zone database; callers build this value from the system's.
public struct ZoneOffsets: Sendable, Hashable {
  /// From `atMs` on the local reading is UTC + `offsetMs`.
  public struct Transition: Sendable, Hashable {
    public var atMs: Int64
    public var offsetMs: Int64

    public init(atMs: Int64, offsetMs: Int64) {
      self.atMs = atMs
      self.offsetMs = offsetMs
    }
  }

  private let initialOffsetMs: Int64
  /// Ascending by `atMs`.
  private let transitions: [Transition]
  private static let searchMs: Int64 = 2 * CivilTime.millisecondsPerDay

  public init(initialOffsetMs: Int64, transitions: [Transition]) {
    self.initialOffsetMs = initialOffsetMs
    self.transitions = transitions.sorted { $0.atMs < $1.atMs }
  }

  public static let utc = ZoneOffsets(initialOffsetMs: 0, transitions: [])

  /// The offset that holds at an instant, milliseconds. O(log transitions).
  public func offsetMs(at utcMs: Int64) -> Int64 {
    let index = transitionCount(upTo: utcMs)
    return index == 0 ? initialOffsetMs : transitions[index - 1].offsetMs
  }

  /// The wall clock's reading at an instant, as if it were epoch milliseconds.
  public func localMs(at utcMs: Int64) -> Int64 { utcMs + offsetMs(at: utcMs) }

  /// The last change of the offset at or before an instant, or nil.
  func lastTransitionMs(upTo utcMs: Int64) -> Int64? {
    let index = transitionCount(upTo: utcMs)
    return index == 0 ? nil : transitions[index - 1].atMs
  }

  /// The first change of the offset after an instant, or nil.
  func nextTransitionMs(after utcMs: Int64) -> Int64? {
    let index = transitionCount(upTo: utcMs)
    return index < transitions.count ? transitions[index].atMs : nil
  }

  /// The instant of a wall clock's reading. One that occurs twice means the first occurrence; one that is
  /// skipped means the instant of the change, so that windows that meet at a reading meet at an instant.
  public func instantMs(local localMs: Int64) -> Int64 {
    let nearby = transitions[transitionCount(upTo: localMs - Self.searchMs)...]
      .prefix { $0.atMs <= localMs + Self.searchMs }
    let offsets = [offsetMs(at: localMs - Self.searchMs)] + nearby.map(\.offsetMs)
    let exact = offsets.map { localMs - $0 }.filter { self.localMs(at: $0) == localMs }.min()
    if let exact { return exact }
    let change = nearby.first { $0.atMs + $0.offsetMs > localMs && self.localMs(at: $0.atMs - 1) < localMs }
    return change?.atMs ?? localMs - offsetMs(at: localMs)
  }

  private func transitionCount(upTo utcMs: Int64) -> Int {
    transitions.lowerBound { $0.atMs <= utcMs }
  }
}
