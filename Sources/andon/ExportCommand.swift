import AndonConfiguration
import AndonCore
import AndonIngest
import AndonStore
import ArgumentParser
import Foundation

/// `andon export`
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a site's stored events, importable again.",
    usage: "export --site <site> [<options>]",
    discussion: "In order of time. Low-confidence events are included.",
    examples: [
      "andon export --site plant-a --from -7d > events.jsonl",
      "andon export --site plant-a --from yesterday --to today --format csv",
    ])

  enum Format: String, ExpressibleByArgument, CaseIterable { case jsonl, csv }

  @OptionGroup var options: SiteOptions
  @Option(name: .long, parsing: .unconditional, help: "First instant: \(PointInTime.forms).") var from:
    PointInTime?
  @Option(name: .long, parsing: .unconditional, help: "First instant no longer included.") var to:
    PointInTime?
  @Option(name: .long, help: "jsonl or csv.") var format: Format = .jsonl

  private static let header =
    "timestamp,camera_id,worker_id,workstation_id,event_type,confidence,count,event_id,model_version,accepted,"
    + "received_at"

  func run() throws {
    var buffer: [UInt8] = format == .csv ? Array((Self.header + "\n").utf8) : []
    try options.read { site, store in
      let (fromMs, toMs) = try PointInTime.range(from, to, at: site)
      try store.visitEvents(fromMs: fromMs ?? .min, toMs: toMs ?? .max) { stored in
        buffer += line(stored.shown(by: site.privacy), site: site.id)
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count > 1 << 16 {
          Output.write(buffer)
          buffer.removeAll(keepingCapacity: true)
        }
      }
    }
    Output.write(buffer)
  }

  private func line(_ stored: StoredEvent, site: String) -> [UInt8] {
    switch format {
    case .jsonl: EventWriter.json(stored.event, site: site, camera: stored.cameraID)
    case .csv: Array(fields(stored).map(CSVText.cell).joined(separator: ",").utf8)
    }
  }

  private func fields(_ stored: StoredEvent) -> [String] {
    let event = stored.event
    var confidence: [UInt8] = []
    if let ppm = event.confidencePpm { JSONWriter.append(scaled: Int64(ppm), digits: 6, to: &confidence) }
    return [
      CivilTime.text(epochMs: event.timestampMs), stored.cameraID,
      ErasedName.isErased(event.workerID) ? "" : event.workerID, event.workstationID,
      event.kind.name, String(decoding: confidence, as: UTF8.self),
      event.kind == .productCount ? "\(event.count)" : "", event.eventID, event.modelVersion,
      stored.isAccepted ? "1" : "0", CivilTime.text(epochMs: stored.receivedAtMs),
    ]
  }
}
