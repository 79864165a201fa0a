package import AndonCore

/// What a site may know and show of workers.
package struct PrivacySettings: Sendable, Equatable {
  package enum Workers: String, Sendable, CaseIterable {
    /// Ids as cameras send them.
    case named
    /// Pseudonyms instead of ids, before anything is stored.
    case pseudonym
    /// The same, and workers are no scope of figures: nothing of single workers is shown or published.
    case off
  }

  package var workers = Workers.named
  package var rotation = PseudonymRotation.Kind.shift
  /// Figures of fewer workers are withheld; 1 withholds none.
  package var minGroup = 1
  /// Whether the dashboard may show workers in the order of their figures.
  package var hasRanking = false
  /// The file of the keys of pseudonyms; nil: `privacy.key` in the folder of the data.
  package var keyFile: String?

  package init() {}

  /// The path of the key file.
  package func keyPath(dataDirectory: String) -> String { keyFile ?? "\(dataDirectory)/privacy.key" }

  /// Whether ids are replaced.
  package var replacesIDs: Bool { workers != .named }
  /// Whether a worker keeps an id for longer than a period.
  package var hasLastingIDs: Bool { workers == .named || workers == .pseudonym && rotation == .never }
  /// Whether figures and events of single workers may be shown.
  package var showsWorkers: Bool { workers != .off }

  /// The event as it may be shown: without its worker where workers are off.
  package func shown(_ event: Event) -> Event {
    guard !showsWorkers else { return event }
    var shown = event
    shown.workerID = ""
    return shown
  }

  /// The scopes that have figures.
  package var scopes: Set<KPIScope> {
    showsWorkers ? Set(KPIScope.allCases) : Set(KPIScope.allCases).subtracting([.worker])
  }
}
