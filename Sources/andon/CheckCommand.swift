import AndonService
import ArgumentParser

/// `andon check`
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Say what is wrong with a configuration, one line a finding.",
    discussion: "Exit status 1 when there is any error. Without a broker to ask, use --offline.")

  @OptionGroup var options: ConfigOptions

  @Flag(name: .long, help: "Look at the file only; ask no broker.")
  var offline = false

  func validate() throws {
    guard offline else {
      throw ValidationError("asking the broker is not part of this version yet; use --offline")
    }
  }

  func run() throws {
    let settings = try options.load()
    let scheme = settings.broker.tls == nil ? "without TLS" : "with TLS"
    print("ok  broker   \(settings.broker.host):\(settings.broker.port) \(scheme)")
    print("ok  http     \(settings.http.isEnabled ? "\(settings.http.host):\(settings.http.port)" : "off")")
    for site in settings.sites {
      let shifts = site.shifts.isEmpty ? "no shifts" : site.shifts.map(\.id).joined(separator: ", ")
      print(
        "ok  site     \(site.id): \(site.timeZone), \(shifts); stored in \(settings.databasePath(site: site.id))"
      )
    }
  }
}
