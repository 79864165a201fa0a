import AndonCore
import AndonRuntime
import AndonStatus
package import AndonStore
import Mosquitto

/// Carries a site's outbox to the publisher, in order, and marks as sent what the broker acknowledged.
///
/// A row buckets the table only after its PUBACK, in a transaction of the ingestLoop's: a crash anywhere in between
/// sends it again, and `occurrence_id` with `rev` tells the reader that it was there before.
///
/// What the broker refuses stays in the table, set aside, so that it holds up nothing else. Where the reason is
/// about the topic (its ACL), the topic is set aside: with back-off its oldest row is tried, and once that is taken
/// the others follow in order. Where it is about this one payload (too large), only the row is, and later rows of
/// the topic go on: `rev` tells a reader their order. How many rows wait is bounded by the table
/// (`StoreTransaction.outboxLimit`).
package final class OutboxRelay {
  private var receipts = DeliveryTracker()
  /// The file that the numbers are of.
  private weak var store: SiteStore?
  /// Acknowledged, and still in the table.
  private var sent: [Int64] = []
  private var lastHanded: Int64 = 0
  /// Handed over and not yet answered, with their topics.
  private var inFlight: [Int64: String] = [:]
  private var mayHaveMore = true
  /// Topics that are set aside, with the broker's reason.
  private var refused: [String: UInt8] = [:]
  /// Single rows that are set aside, with their topics and the broker's reason.
  private var refusedRows: [Int64: (topic: String, reason: UInt8)] = [:]
  private var backoff = Backoff(firstMs: 2000, limitMs: 60_000)
  private var retryAtMs: Int64?
  /// Publications refused since this relay began.
  package private(set) var refusals: Int64 = 0
  /// Rows handed over and not yet answered, at most.
  private static let window = 500
  /// Pages of rows of topics that are set aside that one turn passes over, at most.
  private static let pagesPerTurn = 20
  /// Rows that are set aside by themselves and tried in one round, at most.
  private static let rowsPerRetry = 20

  /// What was last reported of the refusals.
  package var reported: (refusals: Int64, words: String?)?

  package init() {}

  /// The first of what is set aside, by topic, with the reason; nil while nothing is.
  package var firstRefusal: (topic: String, reason: UInt8)? {
    let topics = refused.map { ($0.key, $0.value) } + refusedRows.values.map { ($0.topic, $0.reason) }
    return topics.min { $0.0 < $1.0 }
  }

  /// What is set aside, in words for a person; nil while nothing is.
  package func refusalWords(site: String) -> String? {
    guard let (topic, reason) = firstRefusal else { return nil }
    let kind = topic.split(separator: "/").drop { $0 != site }.dropFirst().first ?? ""
    return "\(kind) refused: \(PublishRefusal.words(reason)) (\(topic)): \(PublishRefusal.advice(reason))"
  }

  /// How many topics and single rows are set aside.
  package var setAside: (topics: Int, rows: Int) { (refused.count, refusedRows.count) }

  /// The outbox got rows.
  package func record(newRows: Int) { if newRows > 0 { mayHaveMore = true } }

  /// Deletes what was acknowledged and hands over what may go. `nowMs` is the monotonic clock's.
  package func relay(_ store: SiteStore, to publishQueue: PublishQueue, nowMs: Int64) throws {
    if self.store !== store {
      // Another file, or the same one as an older backup: its numbers are others.
      self.store = store
      (receipts, sent, lastHanded, inFlight, mayHaveMore) = (DeliveryTracker(), [], 0, [:], true)
      (refused, refusedRows, retryAtMs) = ([:], [:], nil)
    }
    try settle(receipts.take(), store, nowMs: nowMs)
    try retry(store, to: publishQueue, nowMs: nowMs)
    for _ in 0..<Self.pagesPerTurn where mayHaveMore && inFlight.count < Self.window {
      guard try handPage(store, to: publishQueue) else { return }
    }
  }

  private func settle(_ answers: DeliveryTracker.Answers, _ store: SiteStore, nowMs: Int64) throws {
    sent += answers.confirmed
    if !sent.isEmpty {
      try store.commit { try $0.removeFromOutbox(sent) }
      for number in sent {
        guard let topic = inFlight.removeValue(forKey: number) else { continue }
        let wasAlone = refusedRows.removeValue(forKey: number) != nil
        guard refused.removeValue(forKey: topic) != nil || wasAlone else { continue }
        // It is taken again: its other rows are looked for from the start, and everything else is tried.
        (lastHanded, mayHaveMore, retryAtMs) = (0, true, nowMs)
        if wasAlone { refusedRows.removeAll() }
        backoff.reset()
      }
      sent.removeAll(keepingCapacity: true)
    }
    for refusal in answers.refused {
      guard let topic = inFlight.removeValue(forKey: refusal.number) else { continue }
      if PublishRefusal.isAboutPayload(refusal.reason) {
        refusedRows[refusal.number] = (topic, refusal.reason)
      } else {
        refused[topic] = refusal.reason
      }
      refusals += 1
    }
    guard !refused.isEmpty || !refusedRows.isEmpty, retryAtMs == nil,
      !inFlight.contains(where: { refused[$0.value] != nil || refusedRows[$0.key] != nil })
    else { return }
    var random = SystemRandomNumberGenerator()
    retryAtMs = nowMs + backoff.next(using: &random)
  }

  /// Tries the oldest row of each topic that is set aside, and rows that are; in no order, so that each gets its turn.
  private func retry(_ store: SiteStore, to publishQueue: PublishQueue, nowMs: Int64) throws {
    guard let due = retryAtMs, nowMs >= due else { return }
    retryAtMs = nil
    let tried = Set(inFlight.values)
    for topic in refused.keys.shuffled() where !tried.contains(topic) {
      guard inFlight.count < Self.window else { return }
      guard let row = try store.oldestInOutbox(topic: topic) else {
        refused[topic] = nil
        continue
      }
      guard hand(row, to: publishQueue) else { return }
    }
    for number in refusedRows.keys.shuffled().prefix(Self.rowsPerRetry) where inFlight[number] == nil {
      guard inFlight.count < Self.window else { return }
      guard let row = try store.outbox(after: number - 1, limit: 1).first, row.sequence == number else {
        // It made room for newer ones.
        refusedRows[number] = nil
        continue
      }
      if refused[row.topic] == nil, !hand(row, to: publishQueue) { return }
    }
  }

  /// Hands over what may go of the next rows; false when nothing more can go now.
  private func handPage(_ store: SiteStore, to publishQueue: PublishQueue) throws -> Bool {
    let rows = try store.outbox(after: lastHanded, limit: Self.window)
    mayHaveMore = rows.count == Self.window
    for row in rows {
      if inFlight[row.sequence] == nil, refused[row.topic] == nil, refusedRows[row.sequence] == nil {
        guard inFlight.count < Self.window, hand(row, to: publishQueue) else {
          mayHaveMore = true
          return false
        }
      }
      lastHanded = row.sequence
    }
    return true
  }

  private func hand(_ row: OutboxRow, to publishQueue: PublishQueue) -> Bool {
    let isIn = publishQueue.enqueue(
      .json(
        row.topic, row.payload, schema: row.schema, retain: false,
        expirySeconds: UInt32(clamping: row.expirySeconds)),
      receipt: Receipt(box: receipts, number: row.sequence))
    if isIn { inFlight[row.sequence] = row.topic }
    return isIn
  }
}
