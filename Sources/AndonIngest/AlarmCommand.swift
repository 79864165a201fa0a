import AndonCore
import Foundation

/// A command on one of a site's alarms, sent by MQTT, HTTP or the command line.
package struct AlarmCommand: Sendable, Hashable {
  package enum Action: Sendable, Hashable {
    case acknowledge
    /// Milliseconds, 1 min…8 h.
    case shelve(durationMs: Int64, reason: String)
    case unshelve
    /// A verdict on the alarm's last occurrence.
    case judge(isFalseAlarm: Bool)
  }

  package var alertID: String
  package var action: Action
  /// The person, for the journal.
  package var by: String
  /// Whether the name was proved by a login or a token: only over HTTP, and not with the shared token.
  package var isByVerified = false
  package var comment: String?

  package init(alertID: String, action: Action, by: String, comment: String? = nil) {
    self.alertID = alertID
    self.action = action
    self.by = by
    self.comment = comment
  }
}
