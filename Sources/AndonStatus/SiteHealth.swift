import AndonRuntime

/// The health of one site: a value that takes events and returns what to do. Time and random numbers are
/// arguments, so that a simulation can drive it.
///
/// ```
/// recovering ──caughtUp──▶ running          recovering: starting, or processing the backlog
///     ▲                      │              held:    a temporary or external failure; tried again
///     └──sessionBegan── held ◀┤              failed:  the file or the set-up failed; tried at long intervals
///     └──sessionBegan─ failed ◀┘              any ──trouble──▶ held | failed
/// ```
package struct SiteHealth: Sendable, Equatable {
  package enum State: String, Sendable, CaseIterable { case recovering, running, held, failed }

  package private(set) var state = State.recovering
  /// Since when it has this state, epoch milliseconds.
  package private(set) var sinceMs: Int64
  /// What is wrong, as text; nil while nothing is.
  package private(set) var reason: String?
  /// Since when the disk refuses what arrives, epoch milliseconds; nil once all that the socket had is committed again.
  /// In between the site may have had its session, and other troubles.
  package private(set) var diskFailsSinceMs: Int64?
  /// The reason without its digits: a repeated failure with another count or age is not a new one.
  package var reasonKind: String? { reason.map { $0.filter { !$0.isWholeNumber } } }

  private var holdBackoff = Backoff()
  private var failBackoff = Backoff(firstMs: 1000, limitMs: 60_000)
  /// Monotonic times of the take-overs in the last minute.
  private var takeOvers: [Int64] = []
  /// Monotonic times of connections that were closed soon after connecting: take-overs by a broker that does
  /// not say so (Mosquitto before 2.1), or a bad network.
  private var closings: [Int64] = []
  private var runningSinceMonotonicMs: Int64?
  /// The last failure, until a session was stable after it.
  private var lastWords: String?

  /// A session that lived shorter than this does not reset the waits.
  package static let stableAfterMs: Int64 = 10_000
  package static let takeOverWindowMs: Int64 = 60_000
  package static let takeOverLimit = 3
  /// How long a site stays away from a client id that another client uses: at least this, at most twice that.
  package static let takeOverPauseMs: Int64 = 300_000

  package init(nowMs: Int64) { sinceMs = nowMs }

  /// How an ingest loop continues after a failure.
  package struct Retry: Sendable, Equatable {
    package var waitMs: Int64
    /// Close the file and open it again.
    package var closesStore: Bool
    /// Whether this failure is a new one since the site was last well.
    package var isNews = true
  }

  /// The broker granted the subscriptions: work begins.
  package mutating func sessionBegan(nowMs: Int64) {
    if state != .running { enter(.recovering, nil, nowMs) }
  }

  /// Everything that the socket had was read and committed.
  package mutating func caughtUp(nowMs: Int64, monotonicMs: Int64) {
    guard state == .recovering else { return }
    diskFailsSinceMs = nil
    enter(.running, nil, nowMs)
    runningSinceMonotonicMs = monotonicMs
  }

  /// A failure; the connection was dropped without a flush.
  package mutating func trouble(
    _ trouble: SiteFailure, nowMs: Int64, monotonicMs: Int64, using random: inout some RandomNumberGenerator
  ) -> Retry {
    let livedMs = runningSinceMonotonicMs.map { monotonicMs - $0 }
    if let livedMs, livedMs >= Self.stableAfterMs { lastWords = nil }
    if trouble.isOfDisk, diskFailsSinceMs == nil { diskFailsSinceMs = nowMs }
    var retry = judge(trouble, livedMs: livedMs, nowMs: nowMs, monotonicMs: monotonicMs, using: &random)
    retry.isNews = reasonKind != lastWords
    lastWords = reasonKind
    return retry
  }

  private mutating func judge(
    _ trouble: SiteFailure, livedMs: Int64?, nowMs: Int64, monotonicMs: Int64,
    using random: inout some RandomNumberGenerator
  ) -> Retry {
    if let livedMs, livedMs >= Self.stableAfterMs {
      holdBackoff.reset()
      failBackoff.reset()
    }
    runningSinceMonotonicMs = nil
    var words = trouble.words
    switch trouble.kind {
    case .takenOver:
      takeOvers = takeOvers.filter { monotonicMs - $0 < Self.takeOverWindowMs } + [monotonicMs]
      guard takeOvers.count >= Self.takeOverLimit else { break }
      takeOvers = []
      enter(
        .failed, "\(trouble.words) (\(Self.takeOverLimit) times within a minute: this bridge stays away)",
        nowMs)
      let wait = Int64.random(in: Self.takeOverPauseMs...2 * Self.takeOverPauseMs, using: &random)
      return Retry(waitMs: wait, closesStore: false)
    case .closed:
      guard let livedMs, livedMs < Self.stableAfterMs else { break }
      closings = closings.filter { monotonicMs - $0 < Self.takeOverWindowMs } + [monotonicMs]
      guard closings.count >= Self.takeOverLimit else { break }
      words +=
        " (\(closings.count) times within a minute, soon after connecting: a bad network, or a second bridge "
        + "with the same bridge.id takes over this client id)"
    case .held: break
    case .failed(let closesStore):
      enter(.failed, trouble.words, nowMs)
      return Retry(waitMs: failBackoff.next(using: &random), closesStore: closesStore)
    }
    enter(.held, words, nowMs)
    return Retry(waitMs: holdBackoff.next(using: &random), closesStore: false)
  }

  private mutating func enter(_ next: State, _ words: String?, _ nowMs: Int64) {
    if next != state { sinceMs = nowMs }
    state = next
    reason = words
  }
}
