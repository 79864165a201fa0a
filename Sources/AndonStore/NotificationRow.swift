/// A page, or what became of one, that has to be sent to a route.
package struct NotificationRow: Sendable, Hashable {
  package var sequence: Int64
  package var alertID: String
  package var modelVersion: String
  /// Of the alert when its first page was written: it does not change while the alert is open.
  package var priority: String
  package var queuedMs: Int64
  /// The `alert_event` object.
  package var payload: [UInt8]

  package init(
    sequence: Int64, alertID: String, modelVersion: String, priority: String, queuedMs: Int64,
    payload: [UInt8]
  ) {
    self.sequence = sequence
    self.alertID = alertID
    self.modelVersion = modelVersion
    self.priority = priority
    self.queuedMs = queuedMs
    self.payload = payload
  }
}
