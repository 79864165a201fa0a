package import AndonConfiguration
package import AndonCore
import AndonIngest

/// Shows what one message would become, without storing anything.
package struct PayloadSample {
  /// The result for one site.
  package struct Reading: Sendable {
    package var site: String
    /// The topic filter that delivers it.
    package var filter: String
    package var items: [MappedItem]
    /// A remark about an item's time as of now, by index.
    package var timeNotes: [Int: String]
  }

  /// The mapping name of Andon's own event format.
  package static let ownEvent = "andon event"
  private let settings: Settings
  private let nowMs: Int64
  private static let wideOpenMs: Int64 = 100 * 366 * 86_400_000

  package init(_ settings: Settings, nowMs: Int64) {
    self.settings = settings
    self.nowMs = nowMs
  }

  /// A configuration with the built-in profiles only, for examining a sample before there is a configuration.
  package static func profiles() throws -> Settings {
    let list = MappingProfile.names.map { "{profile: \($0)}" }.joined(separator: ", ")
    return try SettingsLoader.parse(
      yaml: "sites: [{id: sample, timezone: UTC, mappings: [\(list)]}]", file: "profiles", environment: [:])
  }

  /// One reading for every site that gets the message; empty when no site does.
  package func read(topic: String, payload: [UInt8]) -> [Reading] {
    settings.sites.compactMap { site in
      let rules = IngestRules(site: site, root: settings.topics.root)
      // A sample is often old: its time is judged separately.
      var open = rules
      open.maxAgeMs = Self.wideOpenMs
      open.maxFutureMs = Self.wideOpenMs
      var items: [MappedItem] = []
      let filter: String
      if case .event(site.id, let camera) = InboundTopic(topic: topic, root: settings.topics.root) {
        filter = rules.topics.eventFilter(site: site.id)
        items = own(payload, camera: camera, open)
      } else if let route = rules.mappings.route(topic) {
        filter = rules.mappings.rules[route.candidates[0].rule].filter
        rules.mapper.decode(
          payload.span, route: route, table: rules.mappings, context: open.context(camera: "", nowMs: nowMs),
          into: &items)
      } else {
        return nil
      }
      var notes: [Int: String] = [:]
      for (index, item) in items.enumerated() { notes[index] = timeNote(item, rules) }
      return Reading(site: site.id, filter: filter, items: items, timeNotes: notes)
    }
  }

  private func own(_ payload: [UInt8], camera: String, _ rules: IngestRules) -> [MappedItem] {
    var decoded: [DecodedItem] = []
    rules.decoder.decode(payload.span, context: rules.context(camera: camera, nowMs: nowMs), into: &decoded)
    guard !decoded.isEmpty else { return [MappedItem(outcome: .ignored(reason: "the payload is empty"))] }
    return decoded.map { item in
      switch item {
      case .event(let event): MappedItem(outcome: .event(event), mapping: Self.ownEvent, camera: camera)
      case .rejected(let rejection, let bytes):
        MappedItem(outcome: .rejected(rejection, bytes: bytes), mapping: Self.ownEvent, camera: camera)
      }
    }
  }

  private func timeNote(_ item: MappedItem, _ rules: IngestRules) -> String? {
    let timestampMs: Int64
    switch item.outcome {
    case .event(let event), .total(let event, _): timestampMs = event.timestampMs
    case .rejected, .ignored: return nil
    }
    if timestampMs < nowMs - rules.maxAgeMs {
      return "its time is older than ingest.max_age: it would be rejected now as too_old"
    }
    if timestampMs > nowMs + rules.maxFutureMs {
      return "its time lies in the future: it would be rejected now as too_future"
    }
    return nil
  }
}
