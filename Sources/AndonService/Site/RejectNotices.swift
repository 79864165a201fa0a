import AndonCore

/// Tells a camera why its events were not accepted, at most once a second each; the rest is counted.
struct RejectNotices: Sendable {
  private struct Sent { var atMs: Int64; var suppressed: Int64 }
  private var sent: [String: Sent] = [:]
  static let intervalMs: Int64 = 1000

  /// The notice to publish now, or nil when one went out within the last second.
  mutating func notice(for rejection: Rejection, camera: String, nowMs: Int64) -> [UInt8]? {
    if var last = sent[camera], nowMs - last.atMs < Self.intervalMs, nowMs >= last.atMs {
      last.suppressed += 1
      sent[camera] = last
      return nil
    }
    let suppressed = sent[camera]?.suppressed ?? 0
    sent[camera] = Sent(atMs: nowMs, suppressed: 0)
    var writer = JSONWriter(capacity: 192)
    writer.field("timestamp_ms", nowMs)
    writer.field("ts", CivilTime.text(epochMs: nowMs))
    writer.field("code", rejection.code.rawValue)
    if let field = rejection.field { writer.field("field", field) }
    writer.field("detail", rejection.detail)
    if let eventID = rejection.eventID { writer.field("event_id", eventID) }
    writer.field("suppressed", suppressed)
    return writer.end()
  }
}
