/// Decides how long a turn of the ingest loop that has read everything waits for more messages before it
/// commits.
///
/// A commit writes and syncs about as much for one message as for ten, so with steady traffic several share
/// one. At a low rate a wait would only delay the acknowledgement.
///
/// It has no clock: it is told monotonic milliseconds, so a step of the wall clock changes nothing.
struct CommitLinger: Sendable {
  /// From that many messages on, a larger batch saves nothing worth waiting for.
  static let sufficientMessages = 256
  /// How many turns in a row commit at once because waits brought nothing, at most.
  static let mostTurnsAtOnce = 255

  /// How long after its first message a batch is committed at the latest; 0 for at once.
  private let limitMs: Int64
  /// Up to that many messages a second, each turn commits at once.
  private let quietRate: Int64
  private var rate = MessageRate()
  /// The first wait of this batch: when it began, and how many messages there were.
  private var firstWait: (atMs: Int64, count: Int)?
  /// After waits that brought nothing the next turns commit at once, each time more of them. A broker that has
  /// as many messages in flight as it may sends no more before the commit, however long one waits.
  private var turnsAtOnce = 0
  private var turnsAtOnceLeft = 0

  init(limitMs: Int64, quietRate: Int64 = 100) {
    self.limitMs = limitMs
    self.quietRate = quietRate
  }

  /// How long to wait for more, in milliseconds and never beyond the limit; nil to commit now. To be asked
  /// whenever everything that arrived has been read.
  ///
  /// - Parameter count: how many messages the batch has.
  mutating func wait(count: Int, nowMs: Int64) -> Int32? {
    guard limitMs > 0, count > 0, count < Self.sufficientMessages, turnsAtOnceLeft == 0,
      rate.messages(atMs: nowMs) + Int64(count) > quietRate
    else { return nil }
    let first = firstWait ?? (nowMs, count)
    firstWait = first
    let leftMs = limitMs - max(0, nowMs - first.atMs)
    return leftMs > 0 ? Int32(clamping: leftMs) : nil
  }

  /// The turn commits its batch, which may be empty.
  mutating func endTurn(count: Int, nowMs: Int64) {
    guard count > 0 else { return }
    rate.record(messages: count, atMs: nowMs)
    if let first = firstWait {
      turnsAtOnce = count > first.count ? 0 : min(2 * turnsAtOnce + 1, Self.mostTurnsAtOnce)
      turnsAtOnceLeft = turnsAtOnce
      firstWait = nil
    } else if turnsAtOnceLeft > 0 {
      turnsAtOnceLeft -= 1
    }
  }
}
