/// What waits for a route.
package struct NotificationBacklog: Sendable, Hashable {
  /// Rows that are due.
  package var rows = 0
  /// When the oldest of them was written; nil when there is none.
  package var oldestMs: Int64?
  /// Pages that escalate to the route unless they are acknowledged.
  package var escalating = 0

  package init() {}
}
