import AndonAccess
import AndonConfiguration
import AndonCore

/// Who receives what of a site: MQTT, HTTP, SCADA systems, pagers, files.
struct RecipientStatements {
  private let site: SiteSettings
  private let settings: Settings
  private let users: [UserRecord]?
  private var privacy: PrivacySettings { site.privacy }

  init(_ site: SiteSettings, _ settings: Settings, users: [UserRecord]?) {
    (self.site, self.settings, self.users) = (site, settings, users)
  }

  var all: [PrivacyStatement] {
    cameras + figures + systems + pages + HTTPStatements(site, settings.http, users: users).all + files
  }

  /// How many cameras have a contact: a role, or a person.
  private var contacts: Int { site.cameras.values.count { $0.contact != nil } }

  private func recipient(_ subject: String, _ words: String, width: Int64 = 1) -> PrivacyStatement {
    PrivacyStatement(.recipient, subject, words, width: width)
  }

  /// What cameras publish is on the broker before Andon sees it.
  private var cameras: [PrivacyStatement] {
    let topics = TopicNames(root: settings.topics.root)
    let filters = [topics.eventFilter(site: site.id)] + Set(site.mappings.map(\.filter)).sorted()
    return filters.map {
      recipient(
        "MQTT \($0)",
        "who may subscribe at the broker sees events as the cameras send them, with ids: the broker decides that"
      )
    }
  }

  private var figures: [PrivacyStatement] {
    let root = "\(settings.topics.root)/\(site.id)"
    var all = [
      recipient(
        "MQTT \(root)/kpi/#", "figures of workstations, lines, areas and the site, kept by the broker")
    ]
    if privacy.showsWorkers {
      let whose = privacy.replacesIDs ? "pseudonym" : "worker, with the id in the topic"
      all.append(
        recipient(
          "MQTT \(root)/kpi/worker/#", "figures of each \(whose), kept by the broker",
          width: privacy.hasLastingIDs ? 2 : 1))
      if settings.topics.scalarTags {
        all.append(
          recipient(
            "MQTT \(root)/tag/worker/#", "the same as single values", width: privacy.hasLastingIDs ? 2 : 1))
      }
    }
    all.append(
      recipient(
        "MQTT \(root)/camera/+/reject",
        privacy.replacesIDs
          ? "why an event was not accepted, without ids"
          : "why an event was not accepted; the reason may quote an id", width: privacy.replacesIDs ? 1 : 2))
    if contacts > 0 {
      all.append(
        recipient(
          "MQTT \(root)/meta/site",
          "names of workstations, lines and cameras, with whom to ask about \(contacts) cameras; no worker",
          width: Int64(contacts)))
    }
    all.append(
      recipient(
        "MQTT \(root)/alert_event/#",
        "alerts, with the names of those who acknowledged or shelved them; no worker"))
    all.append(
      recipient(
        "MQTT \(root)/stop/#, \(root)/stop_event/#, \(root)/report/#",
        "stops of workstations, with their reasons and who gave them, and reports of shifts; no worker"))
    return all
  }

  private var systems: [PrivacyStatement] {
    var all: [PrivacyStatement] = []
    if settings.sparkplug.isEnabled {
      all.append(
        recipient(
          "Sparkplug B",
          privacy.hasLastingIDs
            ? "figures of workstations and the site, and of each worker as a device, which SCADA systems keep for ever"
            : "figures of workstations and the site; no workers", width: privacy.hasLastingIDs ? 2 : 1))
    }
    if let enterprise = settings.enterprise {
      all.append(
        recipient(
          "MQTT \(enterprise)/#", "unified namespace: figures of workstations, lines, areas and the site"))
    }
    if let prefix = settings.discovery.homeAssistantPrefix {
      all.append(
        recipient("MQTT \(prefix)/#", "Home Assistant: workstations, lines, areas and the site; no workers"))
    }
    return all
  }

  /// A page names cameras, lines and people who decided, never workers.
  private var pages: [PrivacyStatement] {
    var all = site.notify.map { route in
      let to = route.to.isEmpty ? "" : ", to \(route.to.joined(separator: ", "))"
      return recipient(
        "notify \(route.route.id): \(route.url.shown)\(to)",
        "\(route.kind.rawValue): alerts that page, with the names of those who acknowledged them"
          + (route.kind == .smtp && contacts > 0 ? " and whom to ask about the camera" : "") + "; no worker")
    }
    if let heartbeat = settings.heartbeat {
      all.append(
        recipient("notify heartbeat: \(heartbeat.url.shown)", "that the bridge works; nothing of people"))
    }
    return all
  }

  private var files: [PrivacyStatement] {
    [
      recipient(
        "log",
        "starts, problems, logins and commands, with the names of users and of those who decided; "
          + (privacy.replacesIDs
            ? "no ids of workers" : "where a stored figure is damaged, the id of its worker"),
        width: privacy.replacesIDs ? 1 : 2),
      recipient(
        "files in \(settings.bridge.dataDirectory)",
        "who may read the files or a backup sees all that is kept; that leaves no row in the access log"),
    ]
  }
}
