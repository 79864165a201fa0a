/// An open alert, and whose it is.
package struct FleetAlert: Sendable, Hashable {
  package var key: FleetKey
  /// `{class}/{source}` of its topic.
  package var topic: String
  package var open: OpenAlert

  /// The worst first: not acknowledged, then severe, then old, then by name.
  package static func isWorse(_ left: FleetAlert, _ right: FleetAlert) -> Bool {
    if left.open.isUnacked != right.open.isUnacked { return left.open.isUnacked }
    if left.open.severity != right.open.severity { return left.open.severity > right.open.severity }
    let (leftMs, rightMs) = (left.open.raisedMs ?? .max, right.open.raisedMs ?? .max)
    if leftMs != rightMs { return leftMs < rightMs }
    return (left.key, left.topic) < (right.key, right.topic)
  }
}
