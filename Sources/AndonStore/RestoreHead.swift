/// Where a site stands at the central database.
package struct RestoreHead: Sendable, Hashable {
  package var position: ShipPosition
  package var epoch: Int64
  package var clusterID: [UInt8]
  /// The outcome counters by their names in `OutcomeCounters.names`, those that it has.
  package var counters: [String: Int64]

  package init(position: ShipPosition, epoch: Int64, clusterID: [UInt8], counters: [String: Int64]) {
    (self.position, self.epoch, self.clusterID) = (position, epoch, clusterID)
    self.counters = counters
  }
}
