package import AndonCore

/// Tells a camera why its events were not accepted, at most once a second; the others are counted.
///
/// Any client can invent camera names, so at most `limit` names are remembered, about 100 kB. Beyond that,
/// new names of the last second get no notice; their events are counted and stored like all others.
package struct RejectNotices: Sendable {
  private struct Sent { var atMs: Int64; var suppressed: Int64 }
  private var sent: [String: Sent] = [:]
  private var cleanedMs: Int64?
  static let intervalMs: Int64 = 1000
  static let limit = 1000

  /// Of the topic `reject`.
  package static let payload = PayloadTable<(rejection: Rejection, nowMs: Int64, suppressed: Int64)>(
    "Why an event was not accepted; at most one a second and camera.",
    .time { $0.nowMs }, (Rejection.payloadFields + [Rejection.eventIDField]).of { $0.rejection },
    [.required("suppressed", .count("Notices left out since the last one")) { $0.suppressed }])

  /// How many names are remembered.
  var count: Int { sent.count }

  /// The notice to publish now; nil when one went out within the last second.
  mutating func notice(for rejection: Rejection, camera: String, nowMs: Int64) -> [UInt8]? {
    if var last = sent[camera], nowMs - last.atMs < Self.intervalMs, nowMs >= last.atMs {
      last.suppressed += 1
      sent[camera] = last
      return nil
    }
    guard sent[camera] != nil || makeRoom(nowMs: nowMs) else { return nil }
    let suppressed = sent[camera]?.suppressed ?? 0
    sent[camera] = Sent(atMs: nowMs, suppressed: 0)
    return Self.payload.json((rejection, nowMs, suppressed), capacity: 192)
  }

  /// Removes names whose second is over; O(limit), at most once an interval. Returns false when there is no
  /// room.
  private mutating func makeRoom(nowMs: Int64) -> Bool {
    if sent.count < Self.limit { return true }
    if let cleanedMs, nowMs - cleanedMs < Self.intervalMs, nowMs >= cleanedMs { return false }
    cleanedMs = nowMs
    sent = sent.filter { nowMs >= $0.value.atMs && nowMs - $0.value.atMs < Self.intervalMs }
    return sent.count < Self.limit
  }
}
