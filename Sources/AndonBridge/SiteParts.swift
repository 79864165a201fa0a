import AndonConfiguration
import AndonCore
import AndonHTTP
import AndonPublish
import AndonRuntime
import AndonStatus
import Logging

/// What all sites of a bridge share.
struct SiteParts: Sendable {
  /// The running bridge's; of its sites only those that are being made count.
  var settings: Settings
  var password: String?
  var publishQueue: PublishQueue
  var retired: RetiredTopics
  var board: StatusBoard
  var metrics: BridgeMetrics
  var hub: EventBroadcaster
  var threshold: LogThreshold?
  var clock: WallClock
  var budget: FileDescriptorBudget
  var logger: Logger

  var topics: TopicNames { TopicNames(root: settings.topics.root) }
}
