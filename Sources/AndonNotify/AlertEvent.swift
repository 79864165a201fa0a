import Foundation

/// What a receiver needs of an `alert_event` object.
struct AlertEvent: Decodable {
  var timestampMs: Int64
  var siteID: String
  var alertID: String
  var occurrenceID: String?
  var alertClass: String
  var sourceID: String
  var rule: String
  var state: String
  var active: Bool
  var priority: String
  var modelVersion: String?
  var sinceMs: Int64?
  var raisedMs: Int64?
  var clearedMs: Int64?
  var attachedTo: String?
  var revision: Int64
  var event: String
  var page: Bool
  var atMs: Int64
  var by: String?
  var comment: String?
  var message: String
  var name: String?
  var place: String?
  var workstationName: String?
  var lineID: String?
  var link: String?
  var action: String?

  private enum CodingKeys: String, CodingKey {
    case timestampMs = "timestamp_ms"
    case siteID = "site_id"
    case alertID = "alert_id"
    case occurrenceID = "occurrence_id"
    case alertClass = "class"
    case sourceID = "source_id"
    case modelVersion = "model_version"
    case sinceMs = "since_ms"
    case raisedMs = "raised_ms"
    case clearedMs = "cleared_ms"
    case attachedTo = "attached_to"
    case revision = "rev"
    case atMs = "at_ms"
    case workstationName = "workstation_name"
    case lineID = "line_id"
    case rule, state, active, priority, event, page, by, comment, message
    case name, place, link, action
  }

  init(_ payload: [UInt8]) throws {
    self = try JSONDecoder().decode(AlertEvent.self, from: Data(payload))
  }

  /// Nothing is left to be done about it, or another alert stands for it.
  var isOver: Bool { !active || attachedTo != nil }

  /// What it is about for people: `Press 2 left (column 7)`; nil where nothing is configured.
  var whereabouts: String? {
    guard let name else { return place }
    return place.map { "\(name) (\($0))" } ?? name
  }

  /// What happened in a word or two, for a subject line.
  var headline: String {
    switch event {
    case "raised", "unshelved": ""
    case "renotify": "still unacknowledged: "
    case "reopened": "again: "
    case "acknowledged": "acknowledged: "
    case "shelved": "shelved: "
    case "test": "test: "
    default: isOver ? "over: " : ""
    }
  }
}
