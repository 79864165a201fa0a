package import Mosquitto

extension Publication {
  private static let week: UInt32 = 7 * 86_400

  /// A JSON object in Andon's standard form: content type, payload format and the `schema` user property.
  package static func json(
    _ topic: String, _ payload: [UInt8], schema: String, retain: Bool, qos: Int32 = 1,
    expirySeconds: UInt32? = nil
  ) -> Publication {
    var properties = PublishProperties(contentType: "application/json", isUTF8: true)
    properties.messageExpirySeconds = expirySeconds
    properties.userProperties = [("schema", schema)]
    return Publication(topic: topic, payload: payload, qos: qos, retain: retain, properties: properties)
  }

  /// A retained KPI object; it expires after seven days, so that topics of old ids disappear.
  package static func kpi(_ topic: String, _ payload: [UInt8]) -> Publication {
    json(topic, payload, schema: "kpi/1", retain: true, expirySeconds: week)
  }

  /// The final record of a closed window, and each correction of it.
  package static func kpiFinal(_ topic: String, _ payload: [UInt8]) -> Publication {
    json(topic, payload, schema: "kpi/1", retain: false, expirySeconds: week)
  }

  /// One bare scalar for panels.
  package static func tag(_ topic: String, _ text: String) -> Publication {
    var properties = PublishProperties(contentType: "text/plain", isUTF8: true)
    properties.messageExpirySeconds = week
    return Publication(topic: topic, payload: Array(text.utf8), qos: 1, retain: true, properties: properties)
  }

  /// A reject notice: expires after an hour, QoS 0.
  package static func reject(_ topic: String, _ payload: [UInt8]) -> Publication {
    json(topic, payload, schema: "reject/1", retain: false, qos: 0, expirySeconds: 3600)
  }

  /// The answer to a command: expires after five minutes; with correlation data when it goes to a response
  /// topic.
  package static func commandResult(
    _ topic: String, _ payload: [UInt8], correlationData: [UInt8]? = nil
  ) -> Publication {
    var publication = json(topic, payload, schema: "cmd_result/1", retain: false, expirySeconds: 300)
    publication.properties.correlationData = correlationData
    return publication
  }
}
