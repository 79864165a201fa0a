package import AndonConfiguration

/// Finds ages of `store.retention` that contradict each other. They do no harm, but do not do what they seem to.
package struct RetentionCheck {
  private let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package func run() -> [Finding] {
    settings.sites.flatMap { site in
      site.retention.doubts.map { doubt in
        Finding(
          .warning, "retention", site: site.id, "store.retention: \(doubt.words)", advice: doubt.advice)
      }
    }
  }
}
