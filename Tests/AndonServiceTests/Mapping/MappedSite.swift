import AndonCore
import Foundation

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Samples and counters for the tests in this folder.
enum MappedSite {
  /// `config/samples/…`, as delivered to integrators.
  static let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../config/samples").standardized

  static let onvifTopic = "cam-7/onvif-ej/RuleEngine/CountAggregation/Counter/&1/out"

  static let topics = [
    "frigate-classification.txt": "frigate/press_1/classification/worker_state",
    "frigate-events.json": "frigate/events", "onvif-ej.json": onvifTopic,
    "axis-object-analytics.json":
      "axis/ACCC8E0157F2/event/tns:axis/CameraApplicationPlatform/ObjectAnalytics/Device1Scenario2",
    "axis-object-analytics-area.json":
      "axis/ACCC8E0157F2/event/tns:axis/CameraApplicationPlatform/ObjectAnalytics/Device1Scenario1",
    "deepstream.json": "deepstream",
  ]

  /// The `more` of a test site: all profiles.
  static let allProfiles =
    ", mappings: [" + MappingProfile.names.map { "{profile: \($0)}" }.joined(separator: ", ") + "]"

  static func counter(_ total: Int64, atMs: Int64, rule: String = "out") -> String {
    #"{"UtcTime":"\#(CivilTime.text(epochMs: atMs))","Source":{"VideoSource":"1","Rule":"\#(rule)"},"Data":{"Count":"\#(total)"}}"#
  }

  static func person(
    _ name: String, atMs: Int64, type: String = "update", still: Bool = false, score: String = "0.93"
  ) -> String {
    let seconds = "\(atMs / 1000).\(String(atMs % 1000 + 1000).dropFirst())"
    let end = type == "end" ? seconds : "null"
    return
      #"{"type":"\#(type)","before":null,"after":{"id":"1795220102.417305-a7k2pd","camera":"press_1","label":"person","#
      + #""frame_time":\#(seconds),"sub_label":["\#(name)",0.9],"false_positive":false,"end_time":\#(end),"#
      + #""score":\#(score),"current_zones":["bench"],"stationary":\#(still)}}"#
  }
}

extension IngestPipeline {
  /// Commits these messages as one batch, as if from the broker.
  mutating func commit(_ messages: [(topic: String, payload: String)]) throws {
    for message in messages { addMessage(topic: message.topic, payload: Array(message.payload.utf8)) }
    _ = try commitAdded()
  }
}

extension SiteStore {
  /// All stored events, oldest first.
  func allEvents() throws -> [Event] {
    var events: [Event] = []
    try visitEvents(fromMs: .min, toMs: .max) { events.append($0.event) }
    return events.sorted { ($0.timestampMs, $0.workerID) < ($1.timestampMs, $1.workerID) }
  }

  /// The sum of all counted units.
  func units() throws -> Int { try allEvents().reduce(0) { $0 + Int($1.count) } }
}
