package import AndonCore

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

  package static let payload = PayloadTable<RetentionStatus>(
    "Events that were deleted because of their age.",
    [
      .optional("cutoff_ms", .instant("Older events are gone or about to go")) { $0.cutoffMs },
      .required("deleted", .count("Events deleted since the start")) { $0.deleted },
      .optional("last_deleted_ms", .instant("When events were last deleted")) { $0.lastDeletedAtMs },
      .required("held", .flag("Nothing is deleted, because the clock is in doubt")) { $0.isHeld },
      .optional(
        "held_for_s", .count("How long the bridge must still run before events are deleted, seconds")
      ) { $0.isHeld ? $0.heldForMs / 1000 : nil },
      .optional("reason", .text("Why")) { $0.isHeld ? $0.reason : nil },
    ])

  private var isHeld: Bool { heldForMs > 0 }
}
