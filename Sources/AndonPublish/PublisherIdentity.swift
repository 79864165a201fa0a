package import AndonCore

/// As whom a publisher connects, and what tells panels whether it is there.
package struct PublisherIdentity: Sendable {
  let clientID: String
  /// Retained: `online`, and `offline` when no one publishes any more.
  let availabilityTopic: String
  /// How long the broker waits before it says `offline`.
  let willDelaySeconds: UInt32
  /// Another process may continue under the same client id: the broker is to keep the session until then, and a planned
  /// end does not say `offline` at once.
  let isHandedOver: Bool

  /// The publisher of a bridge, for all its sites.
  package static func bridge(_ id: String, _ topics: TopicNames) -> PublisherIdentity {
    PublisherIdentity(
      clientID: "andon-\(id)", availabilityTopic: topics.availability(bridge: id), willDelaySeconds: 5,
      isHandedOver: false)
  }

  /// The publisher of a site in a fleet, on whichever bridge. Who publishes for a site must have this session: a bridge
  /// that lost the site and comes back ends the session of its successor, which then sends all retained topics again.
  /// So no wrong value stays.
  ///
  /// - Parameter ttlMs: after which another bridge takes over.
  package static func site(
    _ site: String, cluster: String, ttlMs: Int64, _ topics: TopicNames
  ) -> PublisherIdentity {
    PublisherIdentity(
      clientID: "andon-\(cluster)-\(site)-pub", availabilityTopic: topics.availability(site: site),
      willDelaySeconds: UInt32(clamping: ttlMs / 1000) + 10, isHandedOver: true)
  }

  /// How long the broker keeps the session: as long as it may publish the will.
  var sessionExpirySeconds: UInt32 { isHandedOver ? willDelaySeconds + 60 : 10 }
}
