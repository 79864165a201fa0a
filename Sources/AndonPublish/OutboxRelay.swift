import AndonCore
import AndonRuntime
import AndonStatus
package import AndonStore
import Mosquitto

/// Publishes a site's outbox in order and deletes the rows that the broker acknowledged.
///
/// A row is deleted only after its PUBACK, in a transaction of the ingest loop. A crash in between publishes
/// it again; readers detect the repeat by `occurrence_id` and `rev`.
///
/// A refused row stays in the table and is set aside, so that it does not delay other rows. If the reason is
/// about the topic (its ACL), the whole topic is set aside: its oldest row is tried with back-off, and once
/// that is accepted the others follow in order. If the reason is about the payload (too large), only that row
/// is set aside, and later rows of the topic continue: `rev` gives readers their order. The table bounds how
/// many rows wait (`StoreTransaction.outboxLimit`).
package final class OutboxRelay {
  private var receipts = DeliveryTracker()
  /// The file that the sequence numbers belong to.
  private weak var store: SiteStore?
  /// Acknowledged rows that are still in the table.
  private var sent: [Int64] = []
  private var lastHanded: Int64 = 0
  /// Rows in the publish queue without an answer, with their topics.
  private var inFlight: [Int64: String] = [:]
  private var mayHaveMore = true
  /// Topics that are set aside, with the broker's reason.
  private var refused: [String: UInt8] = [:]
  /// Single rows that are set aside, with their topics and the broker's reason.
  private var refusedRows: [Int64: (topic: String, reason: UInt8)] = [:]
  private var backoff = Backoff(firstMs: 2000, limitMs: 60_000)
  private var retryAtMs: Int64?
  /// Publications refused since this relay was made.
  package private(set) var refusals: Int64 = 0
  /// The most rows in the publish queue without an answer.
  private static let window = 500
  /// The most pages of rows of refused topics that one call skips.
  private static let pagesPerTurn = 20
  /// The most single refused rows that are tried in one round.
  private static let rowsPerRetry = 20

  /// The refusals that were reported last.
  package var reported: (refusals: Int64, words: String?)?

  package init() {}

  /// The first refusal by topic, with its reason; nil while there is none.
  package var firstRefusal: (topic: String, reason: UInt8)? {
    let topics = refused.map { ($0.key, $0.value) } + refusedRows.values.map { ($0.topic, $0.reason) }
    return topics.min { $0.0 < $1.0 }
  }

  /// The refusals as text for a person; nil while there is none.
  package func refusalWords(site: String) -> String? {
    guard let (topic, reason) = firstRefusal else { return nil }
    let kind = topic.split(separator: "/").drop { $0 != site }.dropFirst().first ?? ""
    return "\(kind) refused: \(PublishRefusal.words(reason)) (\(topic)): \(PublishRefusal.advice(reason))"
  }

  /// How many topics and single rows are set aside.
  package var setAside: (topics: Int, rows: Int) { (refused.count, refusedRows.count) }

  /// Records that rows were added to the outbox.
  package func record(newRows: Int) { if newRows > 0 { mayHaveMore = true } }

  /// Deletes acknowledged rows and queues the next ones. `nowMs` is monotonic.
  package func relay(_ store: SiteStore, to publishQueue: PublishQueue, nowMs: Int64) throws {
    if self.store !== store {
      // A new file, or an older copy of it: its sequence numbers are different ones.
      self.store = store
      (receipts, sent, lastHanded, inFlight, mayHaveMore) = (DeliveryTracker(), [], 0, [:], true)
      (refused, refusedRows, retryAtMs) = ([:], [:], nil)
    }
    try settle(receipts.dequeue(), store, nowMs: nowMs)
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
        // Accepted again: look at the topic's other rows from the start, and try all other refused ones.
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

  /// Tries the oldest row of each refused topic, and single refused rows; in random order, so that each gets
  /// a turn.
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
        // It was deleted for newer rows.
        refusedRows[number] = nil
        continue
      }
      if refused[row.topic] == nil, !hand(row, to: publishQueue) { return }
    }
  }

  /// Queues the next rows that may go; returns false when no more can go now.
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
