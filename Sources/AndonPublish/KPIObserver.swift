package import AndonCore

/// Hears of every KPI record that is published. Called on the KPI ticker's thread: must return at once.
package protocol KPIObserver: Sendable {
  /// What a retained topic shows from now on: an open window, or how the last one of its kind ended.
  func show(_ record: KPIRecord)
  /// The last word on a closed window, or a correction of it.
  func close(_ record: KPIRecord)
  /// The round is over.
  func flush()
}
