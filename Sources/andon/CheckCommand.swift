import AndonCheck
import AndonConfiguration
import AndonCore
import AndonRuntime
import AndonStore
import ArgumentParser
import Foundation

/// `andon check`
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Find the mistakes before production does: one line a finding.",
    usage: "check [<options>]",
    discussion: """
      Reads the configuration and the variables laid over it, looks at this machine and at the files \
      of secrets, then asks the real broker: reach, TLS, login, every right the bridge needs, whether \
      it keeps the session and how many messages, and what cameras send. Uses client ids of its own, \
      so a bridge that runs is not disturbed. What it publishes is empty and not retained, under the \
      camera name "andon-check". Exit status 1 when there is any error.

      With --sample it only shows what one payload becomes: the mapping that is chosen, each field and \
      where it comes from, and the event, or why there is none. Without a configuration the ready profiles \
      are asked. Exit status 1 when the payload would be rejected, or nobody subscribes to the topic.
      """,
    examples: [
      "andon check --config andon.yaml", "andon check --config andon.yaml --offline --json",
      "andon check --sample message.json --topic frigate/events",
    ])

  @OptionGroup var options: ConfigOptions
  @Flag(name: .long, help: "Look at the file and this machine only; ask no broker.") var offline = false
  @Option(name: .long, help: "How long to listen to the cameras of each site.") var listen = LengthOfTime(
    milliseconds: 3000)
  @Option(name: .long, help: "How many messages the broker's queue must hold; 0 tries nothing.") var queue =
    2000
  @Option(name: .long, help: "Messages a second of a site, to tell how long the queue lasts.") var rate:
    Double?
  @Flag(
    name: .long,
    help: "Only look for retained topics of sites that are not in the configuration, and list them.")
  var orphans = false
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Empty what the bridge of that site left retained at the broker; may be given several times.",
      valueName: "SITE"))
  var emptyOrphans: [String] = []
  @Flag(name: .long, help: "Print a JSON array instead of lines.") var json = false
  @Option(name: .long, help: ArgumentHelp("Show what this payload becomes (- is stdin).", valueName: "FILE"))
  var sample: String?
  @Option(name: .long, help: "The topic that the sample would come on.") var topic: String?

  func validate() throws {
    guard (sample == nil) == (topic == nil) else { throw ValidationError("--sample and --topic go together") }
    guard !offline || (!orphans && emptyOrphans.isEmpty) else {
      throw ValidationError("--orphans and --empty-orphans ask the broker, --offline does not")
    }
    guard (0...100_000).contains(queue), listen.milliseconds <= 600_000 else {
      throw ValidationError("--queue lies in 0…100000, --listen is at most 10m")
    }
  }

  func run() throws {
    let settings =
      sample == nil || ConfigOptions.hasFile(options.given)
      ? try options.load() : try PayloadSample.profiles()
    if let sample, let topic { return try printSample(sample, topic, settings) }
    let findings =
      orphans || !emptyOrphans.isEmpty
      ? try orphans(settings) : everything(offline ? settings : fleet(settings))
    let text = FindingText(
      places: SettingPlaces(file: options.config, environment: ProcessInfo.processInfo.environment))
    if json { Output.writeLine(text.json(findings)) } else { findings.forEach { print(text.line($0)) } }
    let errors = findings.count { $0.level == .error }
    if errors > 0 { throw Failure(errors == 1 ? "one error" : "\(errors) errors") }
  }

  /// On a bridge of a fleet with the first of the fleet's sites, so that their rights at the broker are asked for.
  private func fleet(_ settings: Settings) -> Settings {
    guard settings.central.mode == .fleet,
      let some = try? FleetSiteList(settings, in: options.config).sites(first: 5).some
    else { return settings }
    var settings = settings
    settings.sites = some
    return settings
  }

  private func orphans(_ settings: Settings) throws -> [Finding] {
    let environment = ProcessInfo.processInfo.environment
    let password = try Failure.wrap { try settings.broker.readPassword(environment: environment) }
    var settings = settings
    if settings.central.mode == .fleet {
      // All of them: a site that another bridge has is no orphan.
      settings.sites = try FleetSiteList(settings, in: options.config).sites(first: .max).some
    }
    return OrphanCheck(settings, password: password).run(emptying: Set(emptyOrphans))
  }

  private func everything(_ settings: Settings) -> [Finding] {
    let environment = ProcessInfo.processInfo.environment
    var findings = configuration(settings) + EnvironmentCheck(environment).run()
    findings += MappingCheck(settings).run() + RetentionCheck(settings).run()
    findings += MachineCheck(settings, nowMs: WallClock.system.nowMs).run()
    findings += SecretCheck(settings, environment: environment).run() + PrivacyCheck(settings).run()
    findings += NotifyCheck(settings).run(isOffline: offline)
    findings += CentralCheck(settings, in: options.config).run(isOffline: offline)
    if !offline { findings += broker(settings, environment) }
    return findings
  }

  private func broker(_ settings: Settings, _ environment: [String: String]) -> [Finding] {
    var plan = BrokerCheck.Plan()
    plan.listenSeconds = Int(max(1, listen.milliseconds / 1000))
    plan.queue = queue
    plan.rate = rate
    do {
      let password = try settings.broker.readPassword(environment: environment)
      return BrokerCheck(settings, password: password, plan: plan).run()
    } catch {
      // All other findings are worth showing; `SecretCheck` reports what is wrong with the file.
      return [Finding(.error, "broker", "not asked: \(ErrorWords.text(error))")]
    }
  }

  private func printSample(_ sample: String, _ topic: String, _ settings: Settings) throws {
    let file = sample == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: sample)
    guard let file, let payload = try? file.readToEnd() ?? Data() else {
      throw Failure("\(sample) cannot be read")
    }
    let nowMs = WallClock.system.nowMs
    let readings = PayloadSample(settings, nowMs: nowMs).read(topic: topic, payload: Array(payload))
    guard !readings.isEmpty else {
      let known = settings.sites.flatMap { $0.mappings.map(\.topic.text) }.joined(separator: ", ")
      throw Failure("no mapping has the topic \(topic); there are: \(known.isEmpty ? "none" : known)")
    }
    let report = SampleReport(topic: topic, readings: readings)
    if json { Output.writeLine(report.json()) } else { report.printLines() }
    let rejected = report.rejected
    if rejected > 0 {
      throw Failure(rejected == 1 ? "it would be rejected" : "\(rejected) events would be rejected")
    }
  }

  private func configuration(_ settings: Settings) -> [Finding] {
    let scheme = settings.broker.tls == nil ? "without TLS" : "with TLS"
    let broker = settings.broker.unixSocketPath ?? "\(settings.broker.host):\(settings.broker.port)"
    var findings = [
      Finding(.ok, "config", "broker \(broker) \(scheme)"),
      Finding(
        .ok, "config",
        "http \(settings.http.isEnabled ? "\(settings.http.host):\(settings.http.port)" : "off")"),
    ]
    for site in settings.sites {
      let shifts =
        site.shifts.isEmpty ? "no shifts" : "shifts \(site.shifts.map(\.id).joined(separator: ", "))"
      let lines = site.layout.lines.map { line in
        let own =
          site.lineShifts[line.id].map { " with shifts \($0.map(\.id).joined(separator: ", "))" } ?? ""
        return "\(line.id)\(own)"
      }
      let areas = lines.isEmpty ? "" : "; lines \(lines.joined(separator: "; "))"
      findings.append(Finding(.ok, "config", site: site.id, "\(site.timeZone), \(shifts)\(areas)"))
    }
    return findings
  }
}
