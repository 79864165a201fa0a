import AndonConfiguration
import AndonCore
import AndonNotify
import AndonRuntime
import ArgumentParser

/// `andon notify`
struct NotifyCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notify", abstract: "Receivers of pages outside of MQTT.",
    examples: ["andon notify test --route oncall"],
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
      """, examples: ["andon notify test", "andon notify test --route oncall --site plant-a"])

  @OptionGroup var options: ConfigOptions
  @Option(name: .long, help: "The route, as in the configuration; without it, all routes.") var route: String?
  @Option(name: .long, help: "The site that the test names; without it, the first one that has the route.")
  var site: String?

  func run() throws {
    let settings = try options.load()
    var failures = 0
    var asked = settings
    if let site { asked.sites.removeAll { $0.id != site } }
    let routes = asked.routes.filter { route == nil || $0.route.route.id == route }
    if routes.isEmpty { throw Failure(missing(settings)) }
    for (route, site) in routes where !send(route, site) { failures += 1 }
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
      let known = settings.sites.map(\.id)
      return "there is no site \"\(site)\"; there are: \(known.joined(separator: ", "))"
        + Suggestion.text(for: site, among: known)
    }
    let known = settings.routes.map(\.route.route.id)
    guard !known.isEmpty else { return "the configuration has no notify.routes" }
    return "there is no route \"\(route ?? "")\" for that; there are: \(known.joined(separator: ", "))"
      + Suggestion.text(for: route ?? "", among: known)
  }
}
