package import AndonCore

/// Gets every published KPI record. Called on the KPI publisher's thread: must return at once.
package protocol KPIObserver: Sendable {
  /// A retained topic has a new value: an open window, or the last figures of its closed predecessor.
  func observe(_ record: KPIRecord)
  /// A window closed, or a closed window was corrected.
  func close(_ record: KPIRecord)
  /// The publish cycle is complete.
  func flush()
}
