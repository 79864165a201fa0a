import AndonConfiguration
import AndonCore
import AndonStore

/// Reads the state of a site's alarms for the API.
package enum AlarmReader {
  /// The current alarms of a site, worst first: the object of each retained topic. O(alarms + drift keys), and
  /// some hundred samples for each alarm that is not normal.
  static func records(_ site: SiteSettings, _ store: SiteStore, nowMs: Int64) throws -> [AlarmRecord] {
    let detectors = try store.detectors(DriftLimits(site))
    var machines = Dictionary(uniqueKeysWithValues: try store.alarms().map { ($0.machine.key, $0.machine) })
    for (key, detector) in detectors {
      let alarm = AlarmKey(rule: .confidenceLow, key: key)
      let measure = detector.measure(of: .confidenceLow)
      if machines[alarm] == nil { machines[alarm] = AlarmStateMachine(key: alarm, measure: measure) }
    }
    var byAlarm: [String: [AlarmRecord]] = [:]
    for (key, machine) in machines {
      var machine = machine
      let source = DriftKey(cameraID: key.sourceID, modelVersion: key.modelVersion)
      if DriftDetector.rules.contains(key.rule), var detector = detectors[source] {
        // A saved state is some hundred samples old: what is wrong now is shown as it is now.
        if machine.state != .normal { _ = try store.replaySamples(source, with: &detector) }
        machine.measure = detector.measure(of: key.rule)
        machine.isStale =
          try store.newestSampleMs(source).map { nowMs - $0 > site.alarms.staleAfterMs } ?? true
      }
      byAlarm[key.alertID(site: site.id), default: []]
        .append(AlarmRecord(siteID: site.id, machine: machine, nowMs: nowMs))
    }
    let names = site.names
    return byAlarm.values.compactMap { AlarmRecord.worst(of: $0)?.named(by: names) }.sorted {
      ($1.state, $0.alertID) < ($0.state, $1.alertID)
    }
  }
}
