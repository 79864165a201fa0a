import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore
import ArgumentParser

/// `andon worker export`
struct WorkerExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "All that a site holds about a worker, as one JSON document.",
    discussion: """
      Events, final figures of windows whose events are deleted, rejected events that name the worker, who looked at \
      the worker's figures, counter readings, and the name in the configuration. Other figures are computed from the \
      events: `andon kpi --scope worker`. Works while the bridge runs.
      """, examples: ["andon worker export --site plant-a --id W1 > W1.json"])

  @OptionGroup var options: SiteOptions
  @Option(name: .long, help: "The worker.") var id: String

  func run() throws {
    guard Identifier.isValid(id) else { throw ValidationError("--id is not the id of a worker") }
    try options.read { site, store in
      var head = JSONWriter()
      head.field("site_id", site.id)
      head.field("worker_id", id)
      head.field("as_of", CivilTime.text(epochMs: WallClock.system.nowMs))
      if let name = site.workers[id] { head.field("name", name) }
      // The closing brace comes after the lists.
      Output.write(Array(head.end().dropLast()) + Array(#","events":["#.utf8))
      var isFirst = true
      func write(_ object: [UInt8]) {
        Output.write((isFirst ? [] : [UInt8(ascii: ",")]) + object)
        isFirst = false
      }
      try store.visitEvents(ofWorker: id) {
        write(EventWriter.json($0.event, site: site.id, camera: $0.cameraID))
      }
      Output.write(Array(#"],"final_figures":["#.utf8))
      isFirst = true
      try store.visitFinalRecords(ofWorker: id) { write($0.json(revision: nil)) }
      Output.write(Array(#"],"rejected_events":["#.utf8))
      isFirst = true
      try store.visitQuarantine(naming: id) { write(QuarantineText.json($0)) }
      Output.write(Array(#"],"looks":["#.utf8))
      isFirst = true
      try store.visitAccessLog(fromMs: .min, toMs: .max) { row in
        if row.workerID == id { write(row.json(site: site.id)) }
      }
      Output.write(Array(#"],"counters":["#.utf8))
      isFirst = true
      for counter in try store.counterTotals(ofWorker: id) {
        var writer = JSONWriter()
        writer.field("mapping", counter.mapping)
        writer.field("camera_id", counter.camera)
        writer.field("workstation_id", counter.workstation)
        writer.field("total", counter.total.total)
        writer.field("timestamp_ms", counter.total.timestampMs)
        write(writer.end())
      }
      Output.write(Array("]}\n".utf8))
    }
  }
}
