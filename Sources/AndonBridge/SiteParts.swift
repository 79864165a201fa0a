import AndonCentral
import AndonConfiguration
import AndonCore
import AndonHTTP
import AndonPublish
import AndonRuntime
import AndonStatus
import Logging

/// What all sites of a bridge share.
struct SiteParts: Sendable {
  /// The settings of the running bridge; the list of sites in it may be out of date.
  var settings: Settings
  var password: String?
  var publishQueue: PublishQueue
  var retired: RetiredTopics
  var board: StatusBoard
  var metrics: BridgeMetrics
  var hub: EventBroadcaster
  var threshold: LogThreshold?
  /// Whose logs are shipped to the central database; nil without one.
  var shipped: ShippedStores?
  /// In a fleet: what lets a site of this bridge connect and publish; nil outside of one.
  var fleet: FleetParts?
  var clock: WallClock
  var budget: FileDescriptorBudget
  var logger: Logger

  var topics: TopicNames { TopicNames(root: settings.topics.root) }
}
