import AndonCore
import Mosquitto

/// Carries a site's outbox to the publisher, in order, and marks as sent what the broker acknowledged.
///
/// A row leaves the table only after its PUBACK, in a transaction of the lane's: a crash anywhere in between
/// sends it again, and `occurrence_id` with `rev` tells the reader that it was there before.
final class OutboxPump {
  private var receipts = ReceiptBox()
  /// The file that the numbers are of.
  private weak var store: SiteStore?
  /// Acknowledged, and still in the table.
  private var sent: [Int64] = []
  private var lastHanded: Int64 = 0
  private var inFlight = 0
  private var mayHaveMore = true
  /// Rows handed over and not yet acknowledged, at most.
  private static let window = 500

  /// The outbox got rows.
  func note(rows: Int) { if rows > 0 { mayHaveMore = true } }

  /// Deletes what was acknowledged and hands over what may go.
  func pump(_ store: SiteStore, to outgoing: Outgoing) throws {
    if self.store !== store {
      // Another file, or the same one as an older backup: its numbers are others.
      self.store = store
      (receipts, sent, lastHanded, inFlight, mayHaveMore) = (ReceiptBox(), [], 0, 0, true)
    }
    sent += receipts.take()
    if !sent.isEmpty {
      try store.commit { try $0.removeFromOutbox(sent) }
      inFlight -= sent.count
      sent.removeAll(keepingCapacity: true)
    }
    guard mayHaveMore, inFlight < Self.window else { return }
    let room = Self.window - inFlight
    let rows = try store.outbox(after: lastHanded, limit: room)
    mayHaveMore = rows.count == room
    for row in rows {
      let isIn = outgoing.enqueue(
        .json(
          row.topic, row.payload, schema: row.schema, retain: false,
          expirySeconds: UInt32(clamping: row.expirySeconds)),
        receipt: Receipt(box: receipts, number: row.sequence))
      guard isIn else {
        mayHaveMore = true
        return
      }
      lastHanded = row.sequence
      inFlight += 1
    }
  }
}
