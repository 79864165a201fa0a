import AndonConfiguration
import AndonCore
import AndonStore
import ArgumentParser

/// `andon drift`
struct DriftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift",
    abstract: "Model drift per camera and model version, and the alert episodes, recomputed from the store.",
    usage: "drift --site <site> [<options>]",
    discussion: """
      Also while the bridge runs. --as-of looks at the events before that instant only. The small \
      chart has one bar a day, the newest to the right: full is a mean of 0.95 and more, the lowest \
      0.60 and less.
      """, examples: ["andon drift --site plant-a --camera cam-01", "andon drift --site plant-a --suggest"])

  @OptionGroup var options: SiteOptions
  @Option(name: .long, help: "Only this camera.") var camera: String?
  @Option(name: .long, parsing: .unconditional, help: "Take this as the present.") var asOf: PointInTime?
  @Flag(
    name: .long,
    help: "Print limits from each key's own baseline: its first 14 days, from --from on if that is given.")
  var suggest = false
  @Option(name: .long, parsing: .unconditional, help: "With --suggest: where the baseline begins.") var from:
    PointInTime?
  @Flag(name: .long, help: "Print JSON instead of a table.") var json = false

  func run() throws {
    if suggest { return try printSuggestions() }
    let (reports, text) = try options.read { site, store in
      let nowMs = PointInTime.orNow(asOf, at: site)
      // An event from the near future (a fast camera clock) counts as soon as it is stored.
      let reports = try store.driftReports(
        limits: DriftLimits(site), camera: camera, toMs: asOf == nil ? .max : nowMs)
      let text = DriftText(
        site: site, reports: reports, machines: asOf == nil ? try store.alarms().map(\.machine) : [],
        other: try store.episodes(source: camera).filter { episode in
          !DriftDetector.rules.contains(episode.key.rule) && (asOf == nil || episode.raisedMs < nowMs)
        }, truths: try store.groundTruth(), nowMs: nowMs)
      return (reports, text)
    }
    if json {
      Output.writeLine(JSONWriter.array(reports.map(text.json)))
    } else {
      print(text.table)
    }
  }

  private func printSuggestions() throws {
    let suggestions = try options.read { site, store in
      try store.limitSuggestions(
        limits: DriftLimits(site), camera: camera, fromMs: from?.epochMs(at: site) ?? .min,
        toMs: asOf?.epochMs(at: site) ?? .max)
    }
    let text = SuggestionText(suggestions: suggestions)
    if json {
      Output.writeLine(text.json)
    } else {
      print(text.table)
    }
  }

  func validate() throws {
    guard from == nil || suggest else { throw ValidationError("--from is for --suggest") }
  }
}
