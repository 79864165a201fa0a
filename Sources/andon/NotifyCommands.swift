import AndonConfiguration
import AndonCore
import AndonNotify
import AndonRuntime
import ArgumentParser

/// `andon notify`
struct NotifyCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notify", abstract: "Receivers of pages outside of MQTT.",
    subcommands: [NotifyTestCommand.self])
}

/// `andon notify test`
struct NotifyTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Send a test through a route, or through all of them.",
    discussion: """
      Sends one notification that says that it is a test (class "test", event "test"), straight to the receiver: \
      no bridge needs to run, and nothing is stored. An Alertmanager resolves it by itself within an hour. Exit \
      status 1 when a receiver did not take it; the reason is printed.
      """)

  @OptionGroup var options: ConfigOptions
  @Option(name: .long, help: "The route, as in the configuration; without it, all routes.") var route: String?
  @Option(name: .long, help: "The site that the test names; without it, the first one that has the route.")
  var site: String?

  func run() throws {
    let settings = try options.load()
    var failures = 0
    var tried: Set<String> = []
    for place in settings.sites where site == nil || place.id == site {
      for one in place.notify where route == nil || one.route.id == route {
        guard tried.insert(one.route.id).inserted else { continue }
        failures += send(one, place) ? 0 : 1
      }
    }
    if tried.isEmpty { throw Failure(missing(settings)) }
    if failures > 0 { throw Failure(failures == 1 ? "one route failed" : "\(failures) routes failed") }
  }

  private func send(_ route: NotifyRouteSettings, _ site: SiteSettings) -> Bool {
    let name = "\(route.route.id): \(route.kind.rawValue) \(route.url.shown)"
    do {
      let note = try NotifyTrial(route, site: site).send(nowMs: WallClock.system.nowMs)
      print("\(name) took the test" + (note.map { "; \($0)" } ?? ""))
      return true
    } catch {
      print("\(name) did not take it: \(error)")
      return false
    }
  }

  private func missing(_ settings: Settings) -> String {
    if let site, !settings.sites.contains(where: { $0.id == site }) {
      let known = settings.sites.map(\.id).joined(separator: ", ")
      return "there is no site \"\(site)\"; there are: \(known)"
    }
    var known: [String] = []
    for id in settings.sites.flatMap({ $0.notify.map(\.route.id) }) where !known.contains(id) {
      known.append(id)
    }
    guard !known.isEmpty else { return "the configuration has no notify.routes" }
    return "there is no route \"\(route ?? "")\" for that; there are: \(known.joined(separator: ", "))"
  }
}
