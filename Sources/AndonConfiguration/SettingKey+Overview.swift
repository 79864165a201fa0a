extension SettingKey {
  /// The keys of `overview`, in a configuration of `andon overview` only.
  package static let overview: [SettingKey] = [
    .init(
      path: "overview.write", kind: .flag, defaultText: "false",
      help:
        "Users who may acknowledge alerts can do it here: the command goes to the site's bridge over its broker."
    ),
    .init(
      path: "overview.stale_after", kind: .duration(5000...86_400_000), defaultText: "60s",
      help:
        "A site whose figures are older is stale; after five times that it is offline. Longer than the longest "
        + "`kpi.publish_interval`."),
    .init(
      path: "overview.max_sites", kind: .integer(1...100_000, unit: "sites"), defaultText: "20000",
      help: "Sites in memory at one time, of all brokers; what is beyond is counted and said."),
    .init(
      path: "overview.max_alerts", kind: .integer(1...1000, unit: "alerts"), defaultText: "100",
      help: "Open alerts of one site in memory."),
    .init(
      path: "overview.max_bytes", kind: .integer(1_048_576...17_179_869_184, unit: "bytes"),
      defaultText: "268435456", help: "Estimated bytes of all sites and alerts in memory."),
  ]

  /// The sections that a configuration of `andon overview` has.
  static let overviewSections: [String] = ["http", "central", "overview"]

  /// The keys that such a configuration reads, beside those of its brokers.
  static let ofOverview: [SettingKey] = all.filter { overviewSections.contains($0.section) } + overview
}
