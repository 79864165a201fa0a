/// What a topic says of an open alert: its condition holds, or it was not acknowledged.
package struct OpenAlert: Sendable, Hashable {
  package var alertID: String
  package var state: State
  /// 1…1000, OPC UA.
  package var severity: Int64
  package var rule = ""
  package var sourceID = ""
  /// One English sentence.
  package var message = ""
  /// What people call its source.
  package var name: String?
  package var sinceMs: Int64?
  package var raisedMs: Int64?
  package var ackedBy: String?
  package var action: String?
  /// The alert on the site's own dashboard.
  package var link: String?

  /// The states of ISA-18.2 in which an alert is open.
  package enum State: String, Sendable, CaseIterable {
    case unackActive = "unack_active"
    case ackedActive = "acked_active"
    case returned = "rtn_unack"
  }

  package var isUnacked: Bool { state != .ackedActive }
  package var isCritical: Bool { isUnacked && severity >= 700 }

  /// Estimated bytes in memory, without its topic.
  var bytes: Int {
    256 + alertID.utf8.count + rule.utf8.count + sourceID.utf8.count + message.utf8.count
      + (name?.utf8.count ?? 0) + (ackedBy?.utf8.count ?? 0) + (action?.utf8.count ?? 0)
      + (link?.utf8.count ?? 0)
  }
}
