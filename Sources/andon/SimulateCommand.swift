import AndonConfiguration
import AndonRuntime
import AndonSimulation
import ArgumentParser
import Foundation
import Mosquitto

/// `andon simulate`
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Publish (or write) a realistic shift of simulated cameras.",
    usage: "simulate [<options>]",
    discussion: """
      Slow start, a lunch dip on long spans, units only while working. Same seed, same events. Without \
      --from the span ends now. --speed 1 is real time, --speed max as fast as the broker \
      acknowledges.

      Then it says what was acknowledged, refused, had no subscriber, or was dropped: a broker \
      acknowledges a message and drops it where a subscriber's queue is full, which only its own count \
      tells (mosquitto, after at most its sys_interval, 10 s). Exit status 1 when something was \
      refused, dropped or not acknowledged.
      """,
    examples: [
      "andon simulate --duration 8h", "andon simulate --speed 1 --scenario drift --cameras 2",
      "andon simulate --from yesterday --output events.jsonl",
    ])

  @OptionGroup var options: ConfigOptions
  @Option(name: .long, help: "The site; the configuration's first one unless given.") var site: String?
  @Option(name: .long, help: "Number of workers.") var workers = 6
  @Option(name: .long, help: "Number of workstations.") var workstations = 6
  @Option(name: .long, help: "Number of cameras.") var cameras = 6
  @Option(
    name: .long, parsing: .unconditional, help: "First instant of the span: \(PointInTime.forms).")
  var from: PointInTime?
  @Option(name: .long, help: "Length of the span, e.g. 8h.") var duration = LengthOfTime(
    milliseconds: 8 * 3_600_000)
  @Option(name: .long, help: "Times real time, or max.") var speed: Speed = .max
  @Option(name: .long, help: "The seed.") var seed: UInt64 = 1
  @Option(name: .long, help: "normal, drift or chaos.") var scenario: SimulationScenario = .normal
  @Flag(name: .long, help: "Number the events of each camera (seq, boot_id).") var numbered = false
  @Option(name: .long, help: ArgumentHelp("Write JSON lines here instead of publishing.", valueName: "FILE"))
  var output: String?

  enum Speed: ExpressibleByArgument {
    case max
    case times(Double)

    init?(argument: String) {
      if argument == "max" {
        self = .max
      } else if let number = Double(argument), number > 0, number.isFinite {
        self = .times(number)
      } else {
        return nil
      }
    }

    var defaultValueDescription: String { "max" }
  }

  func validate() throws {
    guard (1...10_000).contains(workers), (1...10_000).contains(workstations), (1...1000).contains(cameras)
    else {
      throw ValidationError("give 1 to 10000 workers and workstations and 1 to 1000 cameras")
    }
  }

  func run() throws {
    let settings = try options.load()
    guard let siteID = site ?? settings.sites.first?.id else {
      throw Failure(
        "\(options.config): that of a fleet has no sites; simulate needs a configuration with the site")
    }
    let found = try settings.site(siteID, in: options.config)
    let fromMs = from?.epochMs(at: found) ?? WallClock.system.nowMs - duration.milliseconds
    var plan = SimulationSettings(siteID: siteID, fromMs: fromMs, durationMs: duration.milliseconds)
    plan.workers = workers
    plan.workstations = workstations
    plan.cameras = cameras
    plan.seed = seed
    plan.scenario = scenario
    plan.numbersEvents = numbered
    if let output {
      try write(Simulation(plan), to: output)
    } else {
      try publish(Simulation(plan), settings)
    }
  }

  private func publish(_ simulation: Simulation, _ settings: Settings) throws {
    let plan = simulation.settings
    var progress = ProgressBar(label: "publishing", total: plan.durationMs)
    let startMs = WallClock.system.nowMs
    let pace: (Int64) -> Int64? = { atMs in
      guard case .times(let factor) = speed else { return nil }
      return startMs + Int64(Double(atMs - plan.fromMs) / factor)
    }
    let report = try Failure.wrap {
      let password = try settings.broker.readPassword(environment: ProcessInfo.processInfo.environment)
      let connection = ConnectionSettings(
        settings.broker, password: password, clientID: "andon-simulate-\(plan.siteID)-\(getpid())")
      return try SimulationPublisher(
        connection: connection, root: settings.topics.root, siteID: plan.siteID
      ).publish(
        simulation, paceMs: pace, shouldStop: { false }, progress: { progress.update($0.atMs - plan.fromMs) })
    }
    progress.finish(plan.durationMs)
    Output.note(report.words)
    if !report.isComplete { throw Failure("not every message can be counted on to have arrived") }
  }

  /// One event a line, with its site and camera, as `andon import` reads it.
  private func write(_ simulation: Simulation, to path: String) throws {
    var text: [UInt8] = []
    for message in simulation where message.kind == .event {
      let insert = Array(
        #"{"site_id":"\#(simulation.settings.siteID)","camera_id":"\#(message.cameraID)","#.utf8)
      // Only whole events get them: arrays and broken payloads stay as they are.
      let isObject = message.payload.first == UInt8(ascii: "{") && message.payload.last == UInt8(ascii: "}")
      text += isObject ? insert + message.payload.dropFirst() : message.payload
      text.append(UInt8(ascii: "\n"))
    }
    guard FileManager.default.createFile(atPath: path, contents: Data(text)) else {
      throw Failure("\(path) cannot be written")
    }
  }
}

extension SimulationScenario: ExpressibleByArgument {}
