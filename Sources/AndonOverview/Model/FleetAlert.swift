import AndonCore

/// An open alert of a site: its condition holds, or it was not acknowledged.
package struct FleetAlert: Sendable, Hashable {
  package var key: FleetKey
  /// `{class}/{source}` of its topic.
  package var topic: String
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

  /// Estimated bytes in memory.
  package var bytes: Int {
    256 + topic.utf8.count + alertID.utf8.count + rule.utf8.count + sourceID.utf8.count + message.utf8.count
      + (name?.utf8.count ?? 0) + (ackedBy?.utf8.count ?? 0) + (action?.utf8.count ?? 0)
      + (link?.utf8.count ?? 0)
  }

  /// The worst first: not acknowledged, then severe, then old, then by name.
  package static func isWorse(_ left: FleetAlert, _ right: FleetAlert) -> Bool {
    if left.isUnacked != right.isUnacked { return left.isUnacked }
    if left.severity != right.severity { return left.severity > right.severity }
    let (leftMs, rightMs) = (left.raisedMs ?? .max, right.raisedMs ?? .max)
    if leftMs != rightMs { return leftMs < rightMs }
    return (left.key, left.topic) < (right.key, right.topic)
  }
}
