package import AndonCore

/// Writes a stored event in the format of cameras, so that an export can be imported again.
package enum EventWriter {
  /// The event object. `site` and `camera` add the ids that an MQTT topic carries.
  package static func json(_ event: Event, site: String? = nil, camera: String? = nil) -> [UInt8] {
    payload.json((event, site, camera), capacity: 256)
  }

  private static let payload = PayloadTable<(event: Event, site: String?, camera: String?)>(
    "An event in the format of cameras.",
    [
      .required("timestamp", .timestampText) { $0.event.timestampMs },
      .optional("site_id", .identifier("The site")) { $0.site },
      .optional("camera_id", .identifier("The camera")) { $0.camera },
    ], Event.payloadFields.of { $0.event },
    [
      .optional("seq", .count("Its place in the camera's count")) { $0.event.sequence?.number },
      .optional("boot_id", .text("The count")) {
        $0.event.sequence.flatMap { $0.bootID.isEmpty ? nil : $0.bootID }
      },
    ])
}
