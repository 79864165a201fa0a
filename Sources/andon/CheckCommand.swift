import AndonCore
import AndonService
import ArgumentParser
import Foundation

/// `andon check`
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Find the mistakes before production does: one line a finding.",
    discussion: """
      Reads the configuration, looks at this machine, then asks the real broker: reach, TLS, login, every right
      the bridge needs, whether it keeps the session and how many messages, and what cameras send. Uses client
      ids of its own, so a bridge that runs is not disturbed. What it publishes is empty and not retained, under
      the camera name "andon-check". Exit status 1 when there is any error.
      """)

  @OptionGroup var options: ConfigOptions
  @Flag(name: .long, help: "Look at the file and this machine only; ask no broker.") var offline = false
  @Option(name: .long, help: "How long to listen to the cameras of each site.") var listen = LengthOfTime(
    milliseconds: 3000)
  @Option(name: .long, help: "How many messages the broker's queue must hold; 0 tries nothing.") var queue =
    2000
  @Option(name: .long, help: "Messages a second of a site, to tell how long the queue lasts.") var rate:
    Double?
  @Flag(name: .long, help: "Print a JSON array instead of lines.") var json = false

  func validate() throws {
    guard (0...100_000).contains(queue), listen.milliseconds <= 600_000 else {
      throw ValidationError("--queue lies in 0…100000, --listen is at most 10m")
    }
  }

  func run() throws {
    let settings = try options.load()
    var findings = configuration(settings)
    findings += MachineCheck(settings, nowMs: WallClock.system.nowMs).run()
    if !offline {
      var plan = BrokerCheck.Plan()
      plan.listenSeconds = Int(max(1, listen.milliseconds / 1000))
      plan.queue = queue
      plan.rate = rate
      let environment = ProcessInfo.processInfo.environment
      let password = try Failure.wrap { try settings.broker.readPassword(environment: environment) }
      findings += BrokerCheck(settings, password: password, plan: plan).run()
    }
    if json {
      Output.writeLine(StatusDocument.array(findings.map(Self.object)))
    } else {
      findings.forEach(Self.printLine)
    }
    let errors = findings.count { $0.level == .error }
    if errors > 0 { throw Failure(errors == 1 ? "one error" : "\(errors) errors") }
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
      findings.append(Finding(.ok, "config", site: site.id, "\(site.timeZone), \(shifts)"))
    }
    return findings
  }

  private static func printLine(_ finding: Finding) {
    let level =
      switch finding.level {
      case .ok: "ok     "
      case .warning: "WARNING"
      case .error: "ERROR  "
      }
    let subject = finding.subject + String(repeating: " ", count: max(1, 9 - finding.subject.count))
    let site = finding.site.isEmpty ? "" : finding.site + ": "
    print(
      "\(level)  \(subject)\(site)\(finding.text)" + (finding.advice.isEmpty ? "" : " → \(finding.advice)"))
  }

  private static func object(_ finding: Finding) -> [UInt8] {
    var writer = JSONWriter()
    writer.field("level", finding.level.rawValue)
    writer.field("subject", finding.subject)
    if !finding.site.isEmpty { writer.field("site_id", finding.site) }
    writer.field("text", finding.text)
    writer.field("advice", finding.advice)
    return writer.end()
  }
}
