package import AndonCore

/// Writes a stored event in the format of cameras, so that an export can be imported again.
package enum EventWriter {
  /// The event object. `site` and `camera` add the ids that an MQTT topic carries.
  package static func json(_ event: Event, site: String? = nil, camera: String? = nil) -> [UInt8] {
    var writer = JSONWriter(capacity: 256)
    writer.field("timestamp", CivilTime.text(epochMs: event.timestampMs))
    if let site { writer.field("site_id", site) }
    if let camera { writer.field("camera_id", camera) }
    writer.fields(of: event)
    return writer.end()
  }
}
