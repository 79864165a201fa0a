import AndonCore
import AndonService
import ArgumentParser

/// `andon quarantine …`
struct QuarantineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine", abstract: "What was rejected, and why.", subcommands: [List.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Rejected events, newest first.")

    @OptionGroup var options: SiteOptions
    @Option(name: .long, help: "At most that many.") var limit = 50
    @Flag(name: .long, help: "One JSON object a line, with the raw payload as text.") var json = false

    func run() throws {
      let (_, store) = try options.openStore()
      let rows = try Failure.wrap { try store.quarantine(limit: max(1, limit)) }
      if json {
        for row in rows { Output.writeLine(Self.object(row)) }
        return
      }
      var table = TextTable(["id", "received", "camera", "code", "field", "detail", "bytes"])
      for row in rows {
        table.add([
          "\(row.id)", CivilTime.text(epochMs: row.receivedAtMs), row.cameraID, row.code, row.field,
          row.detail, "\(row.payloadBytes)",
        ])
      }
      print(rows.isEmpty ? "nothing was rejected" : table.text)
    }

    private static func object(_ row: QuarantineRow) -> [UInt8] {
      var writer = JSONWriter()
      writer.field("id", row.id)
      writer.field("received_at_ms", row.receivedAtMs)
      writer.field("camera_id", row.cameraID)
      writer.field("topic", row.topic)
      writer.field("code", row.code)
      writer.field("field", row.field)
      writer.field("detail", row.detail)
      writer.field("event_id", row.eventID)
      writer.field("payload", String(decoding: row.payload, as: UTF8.self))
      writer.field("payload_bytes", row.payloadBytes)
      return writer.end()
    }
  }
}
