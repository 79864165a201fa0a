import AndonCore
import AndonService
import ArgumentParser
import Foundation

/// `andon import`
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Feed events from a file through the same pipeline as from MQTT.",
    discussion: """
      One event object or array a line. A line's camera is --camera, or else its own "camera_id". The bridge of
      that site must not be running: one process writes a site. Prints the outcome counts as one JSON object.
      """)

  @OptionGroup var options: SiteOptions

  @Option(name: .long, help: "The camera that all events come from.")
  var camera: String?

  @Option(name: .long, help: "Take this as the present when judging an event's age.")
  var asOf: Instant?

  @Argument(help: "A file of JSON lines, or - for standard input.")
  var file: String

  private static let linesPerCommit = 2000

  func run() throws {
    let (settings, site) = try options.load()
    if let camera, !Identifier.isValid(camera) {
      throw Failure("--camera \"\(camera)\": an id is 1 to 64 of [A-Za-z0-9_-]")
    }
    let path = settings.databasePath(site: site.id)
    let store = try Failure.wrap { try SiteStore.openForWriting(path: path, siteID: site.id) }
    let rules = IngestRules(site: site, root: settings.topics.root)
    let fixed = asOf?.epochMs
    let clock = fixed.map { ms in WallClock { ms } } ?? .system
    let engine = try SiteEngine(store: store, rules: rules, drift: DriftSettings(site.drift))
    var turn = LaneTurn(rules: rules, store: store, engine: engine, clock: clock)
    let total = try Failure.wrap { try feed(&turn) }
    try store.close()
    var writer = JSONWriter()
    for (name, path) in OutcomeCounters.names { writer.field(name, total[keyPath: path]) }
    Output.writeLine(writer.end())
  }

  private func feed(_ turn: inout LaneTurn) throws -> OutcomeCounters {
    let reader = try LineReader(path: file)
    var progress = ProgressBar(label: "importing", total: reader.totalBytes)
    var total = OutcomeCounters()
    while let line = try reader.next() {
      if line.isEmpty { continue }
      turn.add(payload: line, camera: camera ?? CameraField.value(in: line))
      if turn.added >= Self.linesPerCommit, let update = try turn.commitAdded() { total += update.counters }
      progress.update(reader.bytesRead)
    }
    if let update = try turn.commitAdded() { total += update.counters }
    progress.finish(reader.bytesRead)
    return total
  }
}
