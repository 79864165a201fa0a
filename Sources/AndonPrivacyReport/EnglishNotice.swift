import AndonConfiguration
import AndonCore

/// The notice for workers in English.
struct EnglishNotice {
  private let site: SiteSettings
  private var privacy: PrivacySettings { site.privacy }

  init(_ site: SiteSettings) { self.site = site }

  var paragraphs: [String] {
    [
      "Cameras at the workstations of \(site.name ?? site.id) report whether somebody works there and how many pieces are made. "
        + "From that the program Andon computes how long workstations work, and how much they make. "
        + "Andon receives no images.",
      stored, purpose, kept, seen,
      "No decision about you is made by a machine.",
      rights,
      "Responsible: [company, address]. Data protection officer: [name, telephone]. Works council: [name, telephone].",
    ]
  }

  private var stored: String {
    switch privacy.workers {
    case .named:
      "Stored about you: your worker number, with the times at which a camera saw you working, idle or absent, the workstation, "
        + "and the pieces counted there. Figures of single workers are computed from that"
        + (privacy.hasRanking ? ", and workers may be listed in the order of their figures." : ".")
    case .pseudonym:
      "Your worker number is not stored. It is replaced by a pseudonym\(rotation) before anything is stored. With the pseudonym "
        + "stand the times at which a camera saw you working, idle or absent, the workstation, and the pieces counted there. "
        + "Figures of single pseudonyms are computed from that."
    case .off:
      "Your worker number is not stored. It is replaced by a pseudonym\(rotation) before anything is stored. "
        + "Nothing of a single worker is shown: figures are those of workstations and lines."
    }
  }

  private var rotation: String {
    switch privacy.rotation {
    case .shift: " that changes with each shift,"
    case .day: " that changes each day,"
    case .week: " that changes each week,"
    case .never: ""
    }
  }

  private var purpose: String {
    "Purpose: to see how workstations and lines run, where they stand still and whether the cameras can be trusted. The data are "
      + "not used to judge your work or your conduct, for pay, for discipline, or to record working time."
  }

  private var kept: String {
    let retention = site.retention
    let figures =
      privacy.showsWorkers
      ? "figures of single workers \(length(max(retention.eventsMs, retention.workerFiguresMs))), " : ""
    return
      "Kept for: single events \(length(retention.eventsMs)), \(figures)figures of workstations and lines "
      + "\(length(max(retention.eventsMs, retention.figuresMs)))."
  }

  private var seen: String {
    privacy.showsWorkers
      ? "Figures of single workers may be seen by: [who, for what]. Each look over the web page is recorded for "
        + "\(length(site.retention.accessLogMs))."
      : "Figures of workstations and lines may be seen by: [who, for what]."
  }

  private var rights: String {
    privacy.hasLastingIDs
      ? "You may ask what is stored about you, have mistakes corrected and data erased, have their use limited, object, "
        + "and complain to the supervisory authority."
      : "You may ask what is stored about you, have data erased, object, and complain to the supervisory authority. "
        + "When the key of your pseudonym is deleted, \(length(site.ingest.maxAgeMs)) after its time, it cannot be told any more "
        + "which data are yours."
  }

  private func length(_ ms: Int64) -> String {
    PrivacyLength(ms).text(units: [
      ("year", "years"), ("day", "days"), ("hour", "hours"), ("minute", "minutes"),
    ])
  }
}
