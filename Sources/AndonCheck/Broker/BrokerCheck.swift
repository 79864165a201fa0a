package import AndonConfiguration
package import AndonRuntime
import Mosquitto

/// Tests the real broker for what commonly goes wrong in production, with client ids of its own: a running
/// bridge is not disturbed. Its publications are empty and not retained; a bridge counts them as ignored.
package struct BrokerCheck {
  /// The extent of the check.
  package struct Plan: Sendable {
    /// How long to listen to cameras, seconds.
    package var listenSeconds = 3
    /// How many messages the broker must be able to keep while the bridge is down.
    package var queue = 2000
    /// Events a second of a site, for computing how long the queue lasts; nil: the rate seen while listening.
    package var rate: Double?

    /// Where else the broker may listen when the port of the configuration does not answer.
    package var usualPorts = [1883, 8883]

    package init() {}
  }

  let context: BrokerProbeContext

  package init(_ settings: Settings, password: String?, plan: Plan, clock: WallClock = .system) {
    context = BrokerProbeContext(settings: settings, password: password, plan: plan, clock: clock)
  }

  /// Runs all probes, in the order in which a person would check. Takes about five seconds for each site.
  package func run() -> [Finding] {
    let login = BrokerLogin(context)
    guard let publisher = login.client else { return login.findings }
    defer { publisher.connection.disconnect() }
    return login.findings + probes(publisher).flatMap { $0.run(context) }
  }

  private func probes(_ publisher: CheckClient) -> [any BrokerProbe] {
    var probes: [any BrokerProbe] = [
      LimitProbe(connection: publisher.connection),
      PublishRightProbe(publisher: publisher),
      ControlCharacterProbe(connection: publisher.connection),
    ]
    for site in context.settings.sites {
      probes += [
        SubscriptionProbe(site: site), StoredCameraProbe(site: site),
        SessionProbe(site: site, publisher: publisher), MappingProbe(site: site),
      ]
    }
    return probes + [UnreadTopicProbe()]
  }
}
