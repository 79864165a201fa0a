package import AndonCore

/// Writes a stored event in the format of cameras, so that an export can be imported again.
package enum EventWriter {
  /// The event object. `site` and `camera` add the ids that an MQTT topic carries.
  package static func json(_ event: Event, site: String? = nil, camera: String? = nil) -> [UInt8] {
    var writer = JSONWriter(capacity: 256)
    writer.field("timestamp", CivilTime.text(epochMs: event.timestampMs))
    if let site { writer.field("site_id", site) }
    if let camera { writer.field("camera_id", camera) }
    if !event.workerID.isEmpty { writer.field("worker_id", event.workerID) }
    writer.field("workstation_id", event.workstationID)
    writer.field("event_type", event.kind.name)
    if let confidence = event.confidencePpm {
      writer.field("confidence", scaled: Int64(confidence), digits: 6)
    }
    if event.kind == .productCount { writer.field("count", Int64(event.count)) }
    if !event.eventID.isEmpty { writer.field("event_id", event.eventID) }
    if !event.modelVersion.isEmpty { writer.field("model_version", event.modelVersion) }
    return writer.end()
  }
}
