/// How long a site keeps what, by purpose, milliseconds. All are counted back from the newest stored events.
package struct RetentionSettings: Sendable, Equatable {
  /// Events and what is computed of them to answer queries; the figures of any range can be asked for.
  package var eventsMs: Int64
  /// Final figures of workers: of closed hours, shifts and days.
  package var workerFiguresMs: Int64
  /// Final figures of workstations, lines, areas and the site; hours of cameras, results of shifts.
  package var figuresMs: Int64
  /// Rejected input.
  package var quarantineMs: Int64
  /// The journal of alarms, verdicts and episodes.
  package var alarmsMs: Int64
  /// The names of people beside what they decided; the decision stays.
  package var peopleNamesMs: Int64
  /// Rows of the access log.
  package var accessLogMs: Int64

  /// Keeps everything equally long.
  package init(_ everythingMs: Int64) {
    eventsMs = everythingMs
    workerFiguresMs = everythingMs
    figuresMs = everythingMs
    quarantineMs = everythingMs
    alarmsMs = everythingMs
    peopleNamesMs = everythingMs
    accessLogMs = everythingMs
  }

  /// Purposes in the order of the reference, with their names in the file.
  package static let purposes:
    [(name: String, path: any WritableKeyPath<RetentionSettings, Int64> & Sendable)] = [
      ("events", \.eventsMs), ("worker_figures", \.workerFiguresMs), ("figures", \.figuresMs),
      ("quarantine", \.quarantineMs), ("alarms", \.alarmsMs), ("people_names", \.peopleNamesMs),
      ("access_log", \.accessLogMs),
    ]

  /// What the section does not name is kept as long as the plain duration says.
  init(_ values: SettingValues) {
    self.init(values.number("store.retention"))
    for (name, path) in Self.purposes {
      if let ageMs = values.optionalNumber("store.retention.\(name)") { self[keyPath: path] = ageMs }
    }
  }

  /// Whether figures outlive the events they were computed from.
  package var keepsFinals: Bool { max(figuresMs, workerFiguresMs) > eventsMs }

  /// What contradicts itself, in words, and what to do.
  package var doubts: [(words: String, advice: String)] {
    var doubts: [(String, String)] = []
    if workerFiguresMs > figuresMs {
      doubts.append(
        (
          "worker_figures is longer than figures: figures of single workers outlive those of their stations",
          "make worker_figures at most figures"
        ))
    }
    if figuresMs < eventsMs {
      doubts.append(
        (
          "figures is shorter than events: figures are computed from events as long as there are any",
          "make figures at least events"
        ))
    }
    if workerFiguresMs < eventsMs {
      doubts.append(
        (
          "worker_figures is shorter than events: figures of workers are computed from events as long as there are any",
          "make events at most worker_figures"
        ))
    }
    if peopleNamesMs > max(alarmsMs, eventsMs) {
      doubts.append(
        (
          "people_names is longer than alarms: names are deleted with the rows that they stand in",
          "make people_names at most alarms"
        ))
    }
    return doubts
  }
}
