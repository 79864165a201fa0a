import AndonCore
import AndonStore

/// `rate_low` of a camera: it sees much less than usual.
extension SiteAlarms {
  /// Finds the episodes of the cameras again, from the first hour that was judged on.
  mutating func apply(rates: [RateFinding], in transaction: StoreTransaction, nowMs: Int64) throws {
    for finding in rates {
      guard let last = finding.verdicts.last else { continue }
      let key = AlarmKey(rule: .rateLow, sourceID: finding.camera)
      let known = try transaction.episodes(key, touchedFrom: finding.fromMs)
      var list = EpisodeList(key: key, episodes: known).rewound(to: finding.fromMs)
      let isRaised = list.episodes.last?.isOpen == true
      for step in RateRule.transitions(finding.verdicts, isRaised: isRaised) {
        list.apply(step, valuePpm: nil)
      }
      let changes = EpisodeChange.between(known, list.episodes)
      for change in changes { try transaction.save(change, site: siteID) }
      let measure = Self.measure(last)
      manager.apply(
        changes, measure: { _ in measure }, headMs: { _ in nowMs }, cameras: { _ in 0 }, nowMs: nowMs)
      // Fewer than three low hours are shown as pending.
      let isOpen = list.episodes.last?.isOpen == true
      let low = isOpen ? nil : finding.verdicts.reversed().prefix { $0.isLow }.last
      manager.apply(
        key, pendingSinceMs: low.map { $0.hour * HourSum.milliseconds }, measure: measure, nowMs: nowMs)
    }
  }

  private static func measure(_ verdict: RateRule.Verdict) -> AlarmMeasure {
    var measure = AlarmMeasure(
      metric: "events_per_hour", value: verdict.count, limit: verdict.limit, digits: 0)
    measure.note =
      "40 % of \(verdict.expected), the median of this hour of the week; the hour from "
      + "\(CivilTime.text(epochMs: verdict.hour * HourSum.milliseconds))"
    return measure
  }
}
