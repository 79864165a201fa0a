import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore
import ArgumentParser
import Foundation

/// `andon import`
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Feed events from a file through the same pipeline as from MQTT.",
    usage: "import --site <site> [<options>] <file>",
    discussion: """
      Takes JSON lines (one event object or array a line) and the CSV that export writes. An event's \
      camera is --camera, or else its own "camera_id". No event is too old for a file, unless \
      --max-age is given; one in the future is rejected. The bridge of that site must not be running: \
      one process writes a site.

      Prints the outcome counts as one JSON object. Exit status 1 when something was rejected; it is \
      in the quarantine with its reason (andon quarantine list).
      """,
    examples: [
      "andon import --site plant-a events.jsonl",
      "andon import --site plant-a --camera cam-01 --max-age 7d events.csv",
    ])

  @OptionGroup var options: SiteOptions

  @Option(name: .long, help: "The camera that all events come from.")
  var camera: String?

  @Option(name: .long, help: "Reject events that are older than this, e.g. 7d.")
  var maxAge: LengthOfTime?

  @Option(name: .long, parsing: .unconditional, help: "Take this as the present when judging an event's age.")
  var asOf: PointInTime?

  @Argument(help: "A file of JSON lines or an exported CSV, or - for standard input.")
  var file: String

  private static let linesPerCommit = 2000

  func run() throws {
    CrashText.keepMemoryOut()
    let (settings, site) = try options.load()
    if let camera, !Identifier.isValid(camera) {
      throw Failure("--camera \"\(camera)\": an id is 1 to 64 of [A-Za-z0-9_-]")
    }
    guard PointInTime.orNow(asOf, at: site) >= ClockStepDetector.earliestPlausibleMs else {
      throw Failure(
        "the present that events are judged by lies before 2025: set this machine's clock, or --as-of")
    }
    // Before the store: a missing input file must not create one.
    let reader = try LineReader(path: file)
    let path = settings.databasePath(site: site.id)
    let report = try Failure.onStore(path, site: site.id) {
      let store = try SiteStore.openForWriting(path: path, siteID: site.id)
      let report = try feed(reader, into: store, settings, site)
      try store.close()
      return report
    }
    Output.writeLine(report.json)
    if report.counters.rejected > 0 {
      throw Failure(
        "\(report.rejectedWords); see: andon quarantine list --config \(options.configuration.config) "
          + "--site \(site.id)")
    }
  }

  private func feed(
    _ reader: LineReader, into store: SiteStore, _ settings: Settings, _ site: SiteSettings
  ) throws -> ImportReport {
    var rules = IngestRules(site: site, settings: settings)
    // If the import is ended, the next process that opens the file computes what is left.
    rules.flushIntervalMs = 1000
    let fixed = asOf?.epochMs(at: site)
    let clock = fixed.map { ms in WallClock { ms } } ?? .system
    let engine = try SiteEngine(store: store, rules: rules, drift: DriftSettings(site.drift))
    // Only the age limit differs from MQTT. Nothing is older than 1970: such a time is from a clock without a
    // battery, not history.
    rules.maxAgeMs = maxAge?.milliseconds ?? clock.nowMs
    var turn = IngestPipeline(rules: rules, store: store, engine: engine, clock: clock)
    var events = EventFile(camera: camera)
    var progress = ProgressBar(label: "importing", total: reader.totalBytes)
    var report = ImportReport()
    while let line = try reader.next() {
      do {
        for item in try events.items(of: line) { turn.add(payload: item.payload, camera: item.camera) }
      } catch {
        throw Failure("\(file): \(error)")
      }
      if turn.added >= Self.linesPerCommit, let update = try turn.commitAdded() { report.add(update) }
      progress.update(reader.bytesRead)
    }
    if let update = try turn.commitAdded() { report.add(update) }
    while turn.engine.hasPendingWrites { try turn.flush() }
    try turn.flush(closesAll: true)
    progress.finish(reader.bytesRead)
    return report
  }
}
