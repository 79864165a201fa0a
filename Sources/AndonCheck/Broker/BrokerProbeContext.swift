import AndonConfiguration
import AndonCore
import AndonRuntime
import Mosquitto

/// What all probes of the broker share.
struct BrokerProbeContext {
  /// The camera name of the check's publications; allow the bridge to write this camera's `event`.
  static let camera = "andon-check"

  let settings: Settings
  let password: String?
  let plan: BrokerCheck.Plan
  let clock: WallClock

  var topics: TopicNames { TopicNames(root: settings.topics.root) }
  var nowMs: Int64 { clock.nowMs }

  /// A connection as the bridge's, with the client id `andon-{bridge}-{name}`.
  func connection(_ name: String) -> ConnectionSettings {
    ConnectionSettings(settings.broker, password: password, clientID: "andon-\(settings.bridge.id)-\(name)")
  }
}
