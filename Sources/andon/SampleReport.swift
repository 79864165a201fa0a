import AndonCheck
import AndonCore
import AndonIngest

/// The output of `andon check --sample`.
struct SampleReport {
  let topic: String
  let readings: [PayloadSample.Reading]

  /// How many items would be rejected.
  var rejected: Int {
    readings.reduce(0) { sum, reading in
      sum + reading.items.count { if case .rejected = $0.outcome { true } else { false } }
    }
  }

  func printLines() {
    for reading in readings {
      print("site      \(reading.site), by the topic filter \(reading.filter)")
      for (index, item) in reading.items.enumerated() {
        if !item.mapping.isEmpty { print("mapping   \(item.mapping)") }
        for field in item.fields {
          print("  \(padded(field.field.rawValue, 15)) \(text(field.json))   from \(field.origin)")
        }
        print(outcome(item, site: reading.site))
        if let note = reading.timeNotes[index] { print("note      \(note)") }
      }
    }
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private func outcome(_ item: MappedItem, site: String) -> String {
    switch item.outcome {
    case .event(let event):
      "event     \(text(EventWriter.json(event, site: site, camera: item.camera)))"
    case .total(let event, let total):
      "event     \(text(EventWriter.json(event, site: site, camera: item.camera)))\n"
        + "total     \(total): counted is the difference to the reading before"
    case .rejected(let rejection, _):
      "rejected  \(rejection.code.rawValue): \(rejection.field.map { "\($0) " } ?? "")\(rejection.detail)"
    case .ignored(let reason): "ignored   \(reason)"
    }
  }

  /// One object per item.
  func json() -> [UInt8] {
    JSONWriter.array(
      readings.flatMap { reading in
        reading.items.enumerated().map { object($1, reading, note: reading.timeNotes[$0]) }
      })
  }

  private func object(_ item: MappedItem, _ reading: PayloadSample.Reading, note: String?) -> [UInt8] {
    var writer = JSONWriter()
    writer.field("site_id", reading.site)
    writer.field("topic", topic)
    writer.field("filter", reading.filter)
    if !item.mapping.isEmpty { writer.field("mapping", item.mapping) }
    if !item.camera.isEmpty { writer.field("camera_id", item.camera) }
    let fields = item.fields.map { field in
      var writer = JSONWriter()
      writer.field("field", field.field.rawValue)
      writer.field("value", json: field.json)
      writer.field("from", field.origin)
      return writer.end()
    }
    writer.field("fields", json: JSONWriter.array(fields))
    switch item.outcome {
    case .event(let event):
      writer.field("outcome", "event")
      writer.field("event", json: EventWriter.json(event, site: reading.site, camera: item.camera))
    case .total(let event, let total):
      writer.field("outcome", "event")
      writer.field("event", json: EventWriter.json(event, site: reading.site, camera: item.camera))
      writer.field("total", total)
    case .rejected(let rejection, _):
      writer.field("outcome", "rejected")
      writer.field("code", rejection.code.rawValue)
      if let field = rejection.field { writer.field("field", field) }
      writer.field("detail", rejection.detail)
    case .ignored(let reason):
      writer.field("outcome", "ignored")
      writer.field("detail", reason)
    }
    if let note { writer.field("note", note) }
    return writer.end()
  }
}
