package import AndonConfiguration
import AndonCore

/// Findings about a site's mappings other than mistakes.
package struct MappingCheck {
  private let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package func run() -> [Finding] {
    settings.sites.flatMap(findings) + shared()
  }

  private func findings(_ site: SiteSettings) -> [Finding] {
    site.mappings.flatMap { rule in
      var findings = [
        Finding(
          .ok, "mapping", site: site.id,
          "\(rule.name): \(rule.filter)\(rule.countMode == .total ? ", totals" : "")")
      ]
      guard rule.usesReceipt else { return findings }
      if counts(rule) {
        findings.append(
          Finding(
            .warning, "mapping", site: site.id,
            "\(rule.name) takes the time of receipt: after a crash a message comes again with another time, and its "
              + "count is counted twice",
            advice: "take a time of the payload if it has one, or let the camera send a total with its time"))
      } else {
        findings.append(
          Finding(
            .ok, "mapping", site: site.id,
            "\(rule.name) takes the time of receipt: what waited at the broker while the bridge was away lands in "
              + "the time of its arrival"))
      }
      if site.ingest.stateTimeoutMs < 3_600_000, rule.payload == .text, !counts(rule) {
        findings.append(
          Finding(
            .warning, "mapping", site: site.id,
            "\(rule.name): if the camera only sends changes, a state that lasts longer than ingest.state_timeout "
              + "(\(SettingValue.duration(site.ingest.stateTimeoutMs))) counts as absent",
            advice: "set ingest.state_timeout of the site to the longest time a state may last, e.g. 8h"))
      }
      return findings
    }
  }

  private func counts(_ rule: MappingRule) -> Bool {
    rule.fields[.eventType]?.contains { source in
      source.origin == .constant(EventKind.productCount.name)
        || source.map?.values.contains(EventKind.productCount.name) ?? false
    } ?? false
  }

  /// Mappings of two sites that read the same messages: correct only if conditions tell them apart.
  private func shared() -> [Finding] {
    var findings: [Finding] = []
    for (index, site) in settings.sites.enumerated() {
      for other in settings.sites[..<index] {
        let pair = site.mappings.lazy.flatMap { rule in other.mappings.map { (rule, $0) } }.first {
          TopicPattern.overlap($0.filter, $1.filter) && $0.conditions == $1.conditions
        }
        guard let (rule, twin) = pair else { continue }
        findings.append(
          Finding(
            .warning, "mapping", site: site.id,
            "\(rule.name) takes the same messages as \(twin.name) of \(other.id): every event lands in both sites",
            advice: "tell them apart by when, or by a {site} in the topic"))
      }
    }
    return findings
  }
}
