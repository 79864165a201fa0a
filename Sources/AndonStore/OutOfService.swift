import AndonCore

/// A person's statement that a camera is out of service: in repair, removed, not yet commissioned. It raises
/// no alarms then; its events are stored and counted as usual.
package struct OutOfService: Sendable, Hashable {
  package var sinceMs: Int64
  /// When it returns to service by itself; nil: when a person says so.
  package var untilMs: Int64?
  package var by: String
  package var reason: String

  package init(sinceMs: Int64, untilMs: Int64? = nil, by: String, reason: String) {
    self.sinceMs = sinceMs
    self.untilMs = untilMs
    self.by = by
    self.reason = reason
  }

  /// The object in `/status`.
  package func json() -> [UInt8] {
    var writer = JSONWriter(capacity: 160)
    writer.field("reason", reason)
    writer.field("by", by)
    writer.field("since_ms", sinceMs)
    if let untilMs {
      writer.field("until_ms", untilMs)
    } else {
      writer.field("until_ms", json: Array("null".utf8))
    }
    return writer.end()
  }
}
