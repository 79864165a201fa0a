import AndonConfiguration
import AndonCore

/// What a site keeps, for which purpose, and how long.
struct KeptStatements {
  private let site: SiteSettings

  init(_ site: SiteSettings) { self.site = site }

  var all: [PrivacyStatement] {
    RetentionSettings.purposes.map { name, path in
      let ageMs = site.retention[keyPath: path]
      return PrivacyStatement(
        .kept, name, "\(words(name)): \(SettingValue.duration(ageMs))", width: ageMs)
    } + keys + [erased] + names
  }

  private func words(_ purpose: String) -> String {
    let who = site.privacy.replacesIDs ? "the worker's pseudonym" : "the worker's id"
    return switch purpose {
    case "events": "single events with time, workstation, state and \(who)"
    case "worker_figures":
      site.privacy.showsWorkers
        ? "figures of single workers for closed hours, shifts and days, after their events are deleted"
        : "figures of single workers: none are made"
    case "figures":
      "figures of workstations, lines, areas and the site, after the events are deleted; hours of cameras; reasons of stops "
        + "with what was said"
    case "quarantine":
      site.privacy.replacesIDs
        ? "rejected events without ids" : "rejected events as they came, with ids and all other fields"
    case "alarms": "alerts and what was decided on them"
    case "people_names":
      "names of those who acknowledged, shelved or decided something, or gave the reason of a stop"
    case "access_log": "who looked at workers' figures and events over HTTP"
    default: purpose
    }
  }

  private var keys: [PrivacyStatement] {
    guard site.privacy.replacesIDs else { return [] }
    guard site.privacy.rotation != .never else {
      return [
        PrivacyStatement(
          .kept, "keys", "the key of the pseudonyms: for ever; who has it can test ids against pseudonyms",
          width: .max)
      ]
    }
    let ageMs = site.ingest.maxAgeMs
    return [
      PrivacyStatement(
        .kept, "keys",
        "the key of a period, for late events: until \(SettingValue.duration(ageMs)) after the period's end; then the "
          + "pseudonyms cannot be linked to ids any more", width: ageMs)
    ]
  }

  private var erased: PrivacyStatement {
    PrivacyStatement(
      .kept, "erased workers",
      "a hash of the id of an erased worker, to keep late repeats out: \(SettingValue.duration(site.ingest.maxAgeMs))",
      width: site.ingest.maxAgeMs)
  }

  private var names: [PrivacyStatement] {
    site.workers.isEmpty
      ? []
      : [
        PrivacyStatement(
          .kept, "names in the configuration",
          "names of \(site.workers.count) workers stand in the configuration file, for as long as they stay there",
          width: Int64(site.workers.count))
      ]
  }
}
