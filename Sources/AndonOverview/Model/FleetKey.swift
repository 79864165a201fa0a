/// One site of one broker. Two brokers may have a site of the same id.
package struct FleetKey: Sendable, Hashable, Comparable {
  /// The broker's place in the configuration, from 0.
  package let broker: Int
  package let site: String

  package init(broker: Int, site: String) {
    self.broker = broker
    self.site = site
  }

  package static func < (left: FleetKey, right: FleetKey) -> Bool {
    (left.broker, left.site) < (right.broker, right.site)
  }
}
