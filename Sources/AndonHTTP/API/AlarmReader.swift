import AndonConfiguration
import AndonCore
import AndonIngest
import AndonStore

/// The one place where the API meets alerts: reading their state, and passing on what a person decided.
package struct AlarmReader: Sendable {
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

  init(perform: (@Sendable (Command) async throws -> Result)? = nil) { self.perform = perform }

  /// Passes decisions to the ingestLoops, which answer after the commit.
  init(_ directory: SiteDirectory) {
    perform = { command in
      guard let box = directory[command.siteID]?.requests else {
        return Result(isOK: false, code: "unknown_alert", detail: "there is no such site")
      }
      let result = await box.perform(AlertCommand(command))
      return Result(isOK: result.isOK, code: result.code, detail: result.detail ?? "")
    }
  }

  /// The current alerts of a site, worst first: the object of each retained topic. O(alerts + drift keys), and
  /// some hundred samples for each alert that is not normal.
  func records(_ site: SiteSettings, _ store: SiteStore, nowMs: Int64) throws -> [AlertRecord] {
    let settings = DetectorSettings(low: DriftSettings(site.drift), gatePpm: site.ingest.minConfidencePpm)
    let detectors = try store.detectors(settings)
    var lives = Dictionary(uniqueKeysWithValues: try store.alerts().map { ($0.life.key, $0.life) })
    for (key, detector) in detectors {
      let alert = AlertKey(rule: .confidenceLow, key: key)
      let measure = detector.measure(of: .confidenceLow)
      if lives[alert] == nil { lives[alert] = AlarmStateMachine(key: alert, measure: measure) }
    }
    var byAlert: [String: [AlertRecord]] = [:]
    for (key, life) in lives {
      var life = life
      let source = DriftKey(cameraID: key.sourceID, modelVersion: key.modelVersion)
      if DriftDetector.rules.contains(key.rule), var detector = detectors[source] {
        // A saved state is some hundred samples old: what is wrong now is shown as it is now.
        if life.state != .normal { _ = try store.follow(source, with: &detector) }
        life.measure = detector.measure(of: key.rule)
        life.isStale =
          try store.newestSampleMs(source).map { nowMs - $0 > site.alerts.staleAfterMs } ?? true
      }
      byAlert[key.alertID(site: site.id), default: []]
        .append(AlertRecord(siteID: site.id, life: life, nowMs: nowMs))
    }
    return byAlert.values.compactMap(AlertRecord.worst).sorted {
      ($1.state, $0.alertID) < ($0.state, $1.alertID)
    }
  }
}

extension AlertCommand {
  fileprivate init(_ command: AlarmReader.Command) {
    let action: Action =
      switch command.verb {
      case .ack: .acknowledge
      case .unshelve: .unshelve
      case .shelve:
        .shelve(
          durationMs: Int64(command.durationSeconds ?? 3600) * 1000,
          reason: command.comment.isEmpty ? "–" : command.comment)
      }
    self.init(
      alertID: command.alertID, action: action, by: command.by,
      comment: command.comment.isEmpty ? nil : command.comment)
  }
}
