import AndonConfiguration
import AndonCore
import AndonStore

/// Reads the state of a site's alarms for the API.
package enum AlarmReader {
  /// The current alerts of a site, worst first: the object of each retained topic. O(alerts + drift keys), and
  /// some hundred samples for each alert that is not normal.
  static func records(_ site: SiteSettings, _ store: SiteStore, nowMs: Int64) throws -> [AlertRecord] {
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
