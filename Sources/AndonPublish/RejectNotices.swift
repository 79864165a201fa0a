import AndonCore

/// Tells a camera why its events were not accepted, at most once a second each; the rest is counted.
///
/// Anybody can make up camera names, so at most `limit` of them are remembered, about 100 kB. Names of the last
/// second beyond that get no notice; their events are counted and kept like all others.
struct RejectNotices: Sendable {
  private struct Sent { var atMs: Int64; var suppressed: Int64 }
  private var sent: [String: Sent] = [:]
  private var cleanedMs = Int64.min
  static let intervalMs: Int64 = 1000
  static let limit = 1000

  /// How many names are remembered.
  var count: Int { sent.count }

  /// The notice to publish now, or nil when one went out within the last second.
  mutating func notice(for rejection: Rejection, camera: String, nowMs: Int64) -> [UInt8]? {
    if var last = sent[camera], nowMs - last.atMs < Self.intervalMs, nowMs >= last.atMs {
      last.suppressed += 1
      sent[camera] = last
      return nil
    }
    guard sent[camera] != nil || makeRoom(nowMs: nowMs) else { return nil }
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

  /// Forgets names that may be told again anyway; O(limit), at most once an interval. False when none were.
  private mutating func makeRoom(nowMs: Int64) -> Bool {
    if sent.count < Self.limit { return true }
    guard cleanedMs == .min || nowMs - cleanedMs >= Self.intervalMs || nowMs < cleanedMs else { return false }
    cleanedMs = nowMs
    sent = sent.filter { nowMs >= $0.value.atMs && nowMs - $0.value.atMs < Self.intervalMs }
    return sent.count < Self.limit
  }
}
