import AndonCore

/// The state of retention at one site.
package struct RetentionStatus: Sendable {
  /// Older events are deleted or about to be, epoch milliseconds; nil before the first check of the file.
  package var cutoffMs: Int64?
  /// Events deleted since the bridge started, and the time of the last deletion.
  package var deleted: Int64 = 0
  package var lastDeletedAtMs: Int64?
  /// How long the bridge must still run before anything is deleted, milliseconds; and why. 0 and "" without a
  /// hold.
  package var heldForMs: Int64 = 0
  package var reason = ""

  package init() {}

  package func json() -> [UInt8] {
    var writer = JSONWriter(capacity: 160)
    if let cutoffMs { writer.field("cutoff_ms", cutoffMs) }
    writer.field("deleted", deleted)
    if let lastDeletedAtMs { writer.field("last_deleted_ms", lastDeletedAtMs) }
    writer.field("held", heldForMs > 0)
    if heldForMs > 0 {
      writer.field("held_for_s", heldForMs / 1000)
      writer.field("reason", reason)
    }
    return writer.end()
  }
}
