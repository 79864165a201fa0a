import AndonCore
import AndonPublish
import AndonRuntime
import Mosquitto

/// The MQTT interface as AsyncAPI 3.0, made from the topics, publications and payloads of the code.
package enum AsyncAPIDocument {
  /// One kind of topic.
  private struct Channel {
    enum Direction: String {
      /// From the bridge's point of view, as AsyncAPI defines it.
      case receive, send
    }

    var name: String
    var address: String
    var direction: Direction
    var help: String
    /// Nil for payloads that are not JSON: `text` describes them.
    var schema: String?
    var text: JSONValue?
    /// A publication of this kind, for QoS, retain and expiry.
    var sample: Publication?
  }

  package static func bytes(root: String) -> [UInt8] { document(TopicNames(root: root)).bytes }

  /// For `docs/asyncapi.json`, with the default root.
  package static var prettyBytes: [UInt8] { document(TopicNames(root: "andon/v1")).prettyBytes }

  /// What a camera or the bridge says of itself.
  private static let word: JSONValue = ["type": "string", "enum": ["online", "offline"]]

  private static func channels(_ topics: TopicNames) -> [Channel] {
    let (site, camera) = ("{site}", "{camera}")
    return [
      Channel(
        name: "event", address: topics.event(site: site, camera: camera), direction: .receive,
        help: "Events in: one object, or an array of at most 1000. QoS 1, not retained.", schema: "events_in"),
      Channel(
        name: "camera_status", address: topics.cameraStatus(site: site, camera: camera), direction: .receive,
        help: "A camera's own word, retained, and its will.", text: word),
      Channel(
        name: "reject", address: topics.reject(site: site, camera: camera), direction: .send,
        help: "Why an event was not accepted.", schema: "reject", sample: .reject("", [])),
      Channel(
        name: "kpi", address: topics.kpi(site: site, scope: "{scope}", id: "{id}", window: "{window}"),
        direction: .send, help: "Figures of an open window.", schema: "kpi", sample: .kpi("", [])),
      Channel(
        name: "kpi_final",
        address: topics.kpiFinal(site: site, scope: "{scope}", id: "{id}", window: "{window}"),
        direction: .send, help: "Figures of a window that closed, and again after a late correction.",
        schema: "kpi", sample: .kpiFinal("", [])),
      Channel(
        name: "tag",
        address: topics.tag(site: site, scope: "{scope}", id: "{id}", window: "{window}", metric: "{metric}"),
        direction: .send, help: "One bare scalar, when topics.scalar_tags is set.",
        text: ["type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$|^[A-Za-z0-9][A-Za-z0-9_-]*$"],
        sample: .tag("", "0")),
      Channel(
        name: "uns",
        address: "{enterprise}/\(site)/{area}/{line}/{workstation}/_kpi/{window}", direction: .send,
        help: "The same as kpi, when uns.enterprise is set. Lines, areas and the site have the levels above.",
        schema: "kpi", sample: .kpi("", [])),
      Channel(
        name: "alert", address: topics.alert(site: site, class: "{class}", source: "{source}"),
        direction: .send,
        help: "The current state of one alert.", schema: "alert",
        sample: .json("", [], schema: "alert/1", retain: true)),
      Channel(
        name: "alert_event", address: topics.alertEvent(site: site, class: "{class}", source: "{source}"),
        direction: .send, help: "Every transition of an alert, at least once.", schema: "alert_event",
        sample: .json("", [], schema: "alert/1", retain: false, expirySeconds: 7 * 86_400)),
      Channel(
        name: "cmd", address: topics.command(site: site, group: "{group}", name: "{name}"),
        direction: .receive,
        help:
          "A command: alert/ack, shelve, unshelve, confirm, false_alarm; camera/out_of_service, in_service; "
          + "calendar/close, open, clear; target/set, clear; stop/reason; "
          + "kpi/recompute; quarantine/replay, purge; worker/erase; bridge/republish, log_level. QoS 1, not retained.",
        schema: "cmd"),
      Channel(
        name: "cmd_result", address: topics.commandResult(site: site, group: "{group}", name: "{name}"),
        direction: .send, help: "The answer to a command.", schema: "cmd_result",
        sample: .commandResult("", [])),
      Channel(
        name: "alert_summary", address: topics.alertSummary(site: site), direction: .send,
        help: "Counts and the highest severity.", schema: "alert_summary",
        sample: .json("", [], schema: "alert_summary/1", retain: true)),
    ] + told(topics) + descriptions(topics)
  }

  /// What is told of stops and of shifts.
  private static func told(_ topics: TopicNames) -> [Channel] {
    let site = "{site}"
    return [
      Channel(
        name: "stop", address: topics.stop(site: site, workstation: "{workstation}"), direction: .send,
        help: "The open stop of a workstation, or its last one until the next.", schema: "stop_notice",
        sample: .json("", [], schema: "stop/1", retain: true)),
      Channel(
        name: "stop_event", address: topics.stopEvent(site: site, workstation: "{workstation}"),
        direction: .send,
        help: "Every stop and every change of one, at least once: known by stop_id and rev.",
        schema: "stop_notice",
        sample: .json("", [], schema: "stop/1", retain: false, expirySeconds: 7 * 86_400)),
      Channel(
        name: "report", address: topics.report(site: site, scope: "{scope}", id: "{id}"), direction: .send,
        help:
          "The report of a line or the site when a shift is over, and each change of it, at least once: known by scope, "
          + "id, start_ms and rev.",
        schema: "report_notice",
        sample: .json("", [], schema: "report/1", retain: false, expirySeconds: 7 * 86_400)),
    ]
  }

  /// What describes the figures, the calendars and the bridge.
  private static func descriptions(_ topics: TopicNames) -> [Channel] {
    let site = "{site}"
    return [
      Channel(
        name: "kpi_definitions", address: topics.metaKPI(site: site), direction: .send,
        help: "What each figure means.", schema: "kpi_definitions",
        sample: .json("", [], schema: "meta/1", retain: true)),
      Channel(
        name: "site_names", address: topics.metaSite(site: site), direction: .send,
        help: "What people call the site and its parts, when that changes.", schema: "site_names",
        sample: .json("", [], schema: "site/1", retain: true)),
      Channel(
        name: "calendar", address: topics.metaCalendar(site: site), direction: .send,
        help: "The shift of now and the next one, when that changes. Only of a site with shifts.",
        schema: "calendar", sample: .json("", [], schema: "calendar/1", retain: true)),
      Channel(
        name: "calendar_line", address: topics.metaCalendar(site: site, line: "{line}"), direction: .send,
        help: "The same of a line that does not follow the calendar of the site.", schema: "calendar",
        sample: .json("", [], schema: "calendar/1", retain: true)),
      Channel(
        name: "availability", address: topics.availability(bridge: "{bridge}"), direction: .send,
        help: "The bridge's birth and will.", text: word,
        sample: Publication(topic: "", payload: [], qos: 1, retain: true)),
      Channel(
        name: "site_availability", address: topics.availability(site: site), direction: .send,
        help: "In a fleet, where sites move between bridges: whether a bridge publishes for the site.",
        text: word, sample: Publication(topic: "", payload: [], qos: 1, retain: true)),
      Channel(
        name: "heartbeat", address: topics.bridgeStatus(bridge: "{bridge}"), direction: .send,
        help: "The bridge's own status, every 30 s.", schema: "heartbeat",
        sample: .json("", [], schema: "bridge/1", retain: true)),
    ]
  }

  private static let parameters: [String: (help: String, words: [String])] = [
    "site": ("The site.", []), "camera": ("The camera.", []), "bridge": ("The bridge.", []),
    "scope": ("What the figures are about.", KPIScope.allCases.map(\.rawValue)),
    "id": ("The worker, workstation, line, area or site.", []), "line": ("The line.", []),
    "enterprise": ("uns.enterprise.", []), "area": ("The area.", []), "workstation": ("The workstation.", []),
    "window": ("Which window.", WindowKind.allCases.map(\.rawValue)),
    "metric": ("Which figure, or the member beside it.", KPIRecord.scalarNames),
    "class": ("The class of the alert.", []),
    "group": ("alert, camera, calendar, target, kpi, quarantine, worker or bridge.", []),
    "name": ("The command.", []),
    "source": ("What it is about: a camera, workstation, version or bridge.", []),
  ]

  private static func document(_ topics: TopicNames) -> JSONValue {
    let channels = channels(topics)
    return .members([
      ("asyncapi", "3.0.0"),
      (
        "info",
        .members([
          ("title", "Andon"), ("version", .string(AndonVersion.text)),
          ("description", "MQTT 5 topics and payloads. Ids match ^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$."),
          ("license", ["name": "Apache-2.0"]),
        ])
      ), ("defaultContentType", "application/json"),
      ("channels", .object(channels.map { .init(name: $0.name, value: channel($0)) })),
      ("operations", .object(channels.map { .init(name: operationName($0), value: operation($0)) })),
      (
        "components",
        .members([
          ("messages", .object(channels.map { .init(name: $0.name, value: message($0)) })),
          ("schemas", .object(InterfaceSchemas.payloads.map { .init(name: $0.name, value: $0.schema) })),
        ])
      ),
    ])
  }

  private static func operationName(_ channel: Channel) -> String {
    "\(channel.direction.rawValue)_\(channel.name)"
  }

  private static func channel(_ channel: Channel) -> JSONValue {
    let names = channel.address.split(separator: "/").filter { $0.hasPrefix("{") }
      .map { String($0.dropFirst().dropLast()) }
    return .members([
      ("address", .string(channel.address)), ("description", .string(channel.help)),
      (
        "messages",
        JSONValue.members([
          (channel.name, .members([("$ref", .string("#/components/messages/\(channel.name)"))]))
        ])
      ),
      (
        "parameters",
        .object(
          names.map { name in
            let known = parameters[name]
            let words: JSONValue? =
              known.flatMap { $0.words.isEmpty ? nil : .array($0.words.map { .string($0) }) }
            return .init(
              name: name,
              value: .members([("description", .string(known?.help ?? name)), ("enum", words)]))
          })
      ),
    ])
  }

  private static func operation(_ channel: Channel) -> JSONValue {
    .members([
      ("action", .string(channel.direction.rawValue)), ("summary", .string(channel.help)),
      ("channel", ["$ref": .string("#/channels/\(channel.name)")]),
      ("messages", [["$ref": .string("#/channels/\(channel.name)/messages/\(channel.name)")]]),
      ("bindings", channel.sample.map(binding)),
    ])
  }

  private static func binding(_ sample: Publication) -> JSONValue {
    [
      "mqtt": .members([
        ("qos", .integer(Int64(sample.qos))), ("retain", .bool(sample.retain)),
        ("messageExpiryInterval", sample.properties.messageExpirySeconds.map { .integer(Int64($0)) }),
        ("bindingVersion", "0.2.0"),
      ])
    ]
  }

  private static func message(_ channel: Channel) -> JSONValue {
    .members([
      ("name", .string(channel.name)), ("title", .string(channel.help)),
      ("contentType", .string(channel.schema == nil ? "text/plain" : "application/json")),
      ("payload", channel.schema.map(Schema.reference) ?? channel.text),
    ])
  }
}
