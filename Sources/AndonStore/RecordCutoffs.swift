package import AndonConfiguration

/// Before which times the records of a site are too old, by purpose, epoch milliseconds.
package struct RecordCutoffs: Sendable, Equatable {
  package var workerFiguresMs: Int64
  package var figuresMs: Int64
  package var quarantineMs: Int64
  package var alarmsMs: Int64
  package var peopleNamesMs: Int64
  package var accessLogMs: Int64

  /// - Parameter presentMs: the present as retention sees it.
  package init(_ retention: RetentionSettings, presentMs: Int64) {
    workerFiguresMs = presentMs - retention.workerFiguresMs
    figuresMs = presentMs - retention.figuresMs
    quarantineMs = presentMs - retention.quarantineMs
    alarmsMs = presentMs - retention.alarmsMs
    peopleNamesMs = presentMs - retention.peopleNamesMs
    accessLogMs = presentMs - retention.accessLogMs
  }

  /// The same time for everything.
  package init(_ ms: Int64) {
    (workerFiguresMs, figuresMs, quarantineMs) = (ms, ms, ms)
    (alarmsMs, peopleNamesMs, accessLogMs) = (ms, ms, ms)
  }
}
