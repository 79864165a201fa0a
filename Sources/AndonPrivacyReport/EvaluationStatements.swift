import AndonConfiguration
import AndonCore

/// What is computed from the events of a site.
struct EvaluationStatements {
  private let site: SiteSettings

  init(_ site: SiteSettings) { self.site = site }

  var all: [PrivacyStatement] { worker + [stations, stops, groups, counts, alarms, cameras] }

  private var windows: String {
    WindowKind.allCases.map(\.rawValue).filter(site.kpi.windows.contains).joined(separator: ", ")
  }

  private var worker: [PrivacyStatement] {
    guard site.privacy.showsWorkers else {
      return [
        PrivacyStatement(
          .evaluation, "figures of single workers",
          "none are shown or published; they are intermediate results of the figures of workstations",
          width: 0)
      ]
    }
    let whose = site.privacy.replacesIDs ? "each pseudonym" : "each worker"
    return [
      PrivacyStatement(
        .evaluation, "figures of single workers",
        "for \(whose), each \(windows), and any range that is asked for: time working, idle, absent and unknown, "
          + "utilization, units, units per hour", width: site.privacy.hasLastingIDs ? 2 : 1),
      PrivacyStatement(
        .evaluation, "timelines of single workers",
        "the states of \(whose), one after the other, with their times",
        width: site.privacy.hasLastingIDs ? 2 : 1),
    ]
  }

  private var stations: PrivacyStatement {
    PrivacyStatement(
      .evaluation, "figures of workstations",
      "time with at least one worker working or idle, units, utilization, each \(windows); where one worker stands alone "
        + "at a workstation, its figures are that worker's"
        + (site.privacy.minGroup > 1 ? ", and are withheld (min_group)" : ""),
      width: site.privacy.minGroup > 1 ? 1 : 2)
  }

  private var stops: PrivacyStatement {
    let alone = site.privacy.minGroup > 1
    return PrivacyStatement(
      .evaluation, "stops of workstations",
      "planned time without work at a workstation, longer than \(SettingValue.duration(site.stops.minMs))"
        + (alone
          ? "; not shown for shifts of too few workers (min_group)"
          : "; where one worker stands alone, the pauses are that worker's")
        + (site.stops.reasons.isEmpty ? "" : "; with the reason that was given for them, and by whom"),
      width: alone ? 1 : 2)
  }

  private var groups: PrivacyStatement {
    PrivacyStatement(
      .evaluation, "figures of lines, areas and the site", "sums over workstations; means over workers")
  }

  private var counts: PrivacyStatement {
    PrivacyStatement(
      .evaluation, "counts of workers", "how many were seen, are working, are idle, are present")
  }

  private var alarms: PrivacyStatement {
    PrivacyStatement(
      .evaluation, "alert productivity",
      "a shift of the site or of a line that is far below the shifts before; it names no worker")
  }

  private var cameras: PrivacyStatement {
    PrivacyStatement(
      .evaluation, "quality of cameras",
      "the confidence of each camera's model over time; it says something of the camera, not of people")
  }
}
