import AndonConfiguration
import AndonRuntime
import AndonSimulation
import Foundation
import Mosquitto
import Synchronization

/// The environment of the demo: a temporary folder, a mosquitto of its own, a configuration and cameras.
final class Demo: Sendable {
  private let folder: String
  private let broker: Process
  private let brokerPort: Int
  private let httpPort: Int
  private let plant: DemoPlant
  /// Lets a visitor acknowledge alarms; it ends with the demo.
  private let token = String(UInt32.random(in: 0x1000_0000...UInt32.max), radix: 16)
  private let isStopping = Mutex(false)

  var configurationPath: String { folder + "/andon.yaml" }

  init(httpPort: Int) throws {
    plant = DemoPlant(nowMs: WallClock.system.nowMs)
    folder = NSTemporaryDirectory() + "andon-demo-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    brokerPort = try FreePort.find()
    self.httpPort = httpPort
    do {
      broker = try PrivateBroker.start(folder: folder, port: brokerPort)
    } catch {
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
    try token.write(toFile: folder + "/token", atomically: true, encoding: .utf8)
    try configuration.write(toFile: configurationPath, atomically: true, encoding: .utf8)
  }

  private var configuration: String {
    """
    bridge: {id: demo, data_dir: \(folder)/data}
    broker: {url: "mqtt://127.0.0.1:\(brokerPort)"}
    http:   {listen: "127.0.0.1:\(httpPort)", token_file: \(folder)/token}
    kpi:    {publish_interval: 2s}
    sites:
    \(plant.site)
    """
  }

  var greeting: String {
    """
    Andon demo: a private mosquitto on 127.0.0.1:\(brokerPort), two lines with 8 simulated cameras, one site, plant-a.

      The dashboard:
        http://127.0.0.1:\(httpPort)/     (the token it asks for when you acknowledge an alert: \(token))
      KPIs, as a panel sees them:
        mosquitto_sub -p \(brokerPort) -v -t 'andon/v1/plant-a/kpi/site/#'
      every worker's hour:
        mosquitto_sub -p \(brokerPort) -v -t 'andon/v1/plant-a/kpi/worker/+/hour'
      the drift alert of cam-02 (pending, then unack_active within about a minute):
        mosquitto_sub -p \(brokerPort) -v -t 'andon/v1/plant-a/alert/#'
      the same figures over HTTP, and metrics:
        curl http://127.0.0.1:\(httpPort)/api/v1/sites/plant-a/kpi?window=hour
        curl http://127.0.0.1:\(httpPort)/metrics

    Ctrl-C ends it and removes everything.
    """
  }

  /// Stores what happened before now, unless it begins empty. Returns what the cameras send from now on.
  func prepare(_ settings: Settings, isFresh: Bool) throws -> Simulation {
    guard let site = settings.sites.first else { preconditionFailure("the demo has a site") }
    let simulation = plant.simulation(site, isFresh: isFresh)
    return isFresh ? simulation : try DemoPlant.store(simulation, untilMs: plant.nowMs, settings, site)
  }

  /// Publishes on a thread of its own until `remove`.
  func startCameras(_ simulation: Simulation, _ settings: Settings) {
    let connection = ConnectionSettings(settings.broker, password: nil, clientID: "andon-demo-cameras")
    let publisher = SimulationPublisher(
      connection: connection, root: settings.topics.root, siteID: DemoPlant.siteID)
    Thread.detachNewThread { [self] in
      do {
        let report = try publisher.publish(
          simulation, paceMs: { $0 }, shouldStop: { isStopping.withLock { $0 } }, progress: { _ in })
        if let trouble = report.trouble, !isStopping.withLock({ $0 }) {
          Output.note("the cameras stopped: \(trouble)")
        }
      } catch {
        if !isStopping.withLock({ $0 }) { Output.note("the cameras stopped: \(error)") }
      }
    }
  }

  /// Stops the cameras and the broker and removes the folder.
  func remove() {
    isStopping.withLock { $0 = true }
    // SIGKILL, because a child of a dispatch thread starts with SIGTERM blocked; this broker has nothing to
    // save.
    kill(broker.processIdentifier, SIGKILL)
    broker.waitUntilExit()
    try? FileManager.default.removeItem(atPath: folder)
  }
}
