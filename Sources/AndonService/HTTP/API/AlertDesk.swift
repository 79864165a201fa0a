import AndonCore

/// The one place where the API meets alerts: reading their state, and passing on what a person decided.
struct AlertDesk: Sendable {
  /// A person's decision, as `cmd/alert/…` takes it.
  struct Command: Sendable {
    enum Verb: String, Sendable, CaseIterable { case ack, shelve, unshelve }
    var verb: Verb
    var siteID: String
    var alertID: String
    /// Who decided.
    var by: String
    var comment: String
    /// For `shelve`, 60…28800.
    var durationSeconds: Int?
  }

  /// What came of it: `ok`, or a code that says why not.
  struct Result: Sendable {
    var isOK: Bool
    var code: String
    var detail: String
  }

  /// Nil while this bridge has no life cycle of alerts to pass it to.
  var perform: (@Sendable (Command) async throws -> Result)?

  /// The current alerts of a site, worst first: the object of each retained topic.
  func records(_ site: SiteSettings, _ store: SiteStore, nowMs: Int64) throws -> [AlertRecord] {
    let settings = DriftSettings(site.drift)
    var byCamera: [String: [AlertRecord]] = [:]
    for (key, state) in try store.driftStates() {
      guard let rule = ConfidenceLowRule(encoded: state, settings: settings) else { continue }
      byCamera[key.cameraID, default: []]
        .append(AlertRecord(site: site, key: key, rule: rule, nowMs: nowMs))
    }
    return byCamera.values.compactMap(AlertRecord.worst).sorted {
      ($1.state, $0.sourceID) < ($0.state, $1.sourceID)
    }
  }
}
