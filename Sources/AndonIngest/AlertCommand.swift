import AndonCore
import Foundation

/// What can be asked of a site's alerts, by MQTT, HTTP or a command of the program.
package struct AlertCommand: Sendable, Hashable {
  package enum Action: Sendable, Hashable {
    case acknowledge
    /// Milliseconds, 1 min…8 h.
    case shelve(durationMs: Int64, reason: String)
    case unshelve
    /// Ground truth on the alert's last occurrence.
    case judge(isFalseAlarm: Bool)
  }

  package var alertID: String
  package var action: Action
  /// Who says so; for the journal.
  package var by: String
  package var comment: String?

  package init(alertID: String, action: Action, by: String, comment: String? = nil) {
    self.alertID = alertID
    self.action = action
    self.by = by
    self.comment = comment
  }
}
