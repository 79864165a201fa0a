import AndonCore

/// Why there are no figures of a range: its events are deleted, and final records exist of other windows only.
package struct FiguresGone: Error, CustomStringConvertible, Equatable {
  package enum Cause: Sendable, Equatable {
    /// A range that is neither an hour nor a day, or one whose final records are deleted, too.
    case noWindow
    /// A window as of a time at which it was not over.
    case open
    /// A recompute needs the events.
    case recompute
    /// Stops of a shift that began before the oldest events.
    case stops
    /// A timeline of a time that began before the oldest events.
    case timeline
  }

  package var reason: Cause
  package var fromMs: Int64
  package var toMs: Int64
  /// Windows that begin before this time have final records only.
  package var eventsFromMs: Int64

  package var description: String {
    let range = "\(CivilTime.text(epochMs: fromMs)) to \(CivilTime.text(epochMs: toMs))"
    let limit = CivilTime.text(epochMs: eventsFromMs)
    let start = "the events before \(limit) are deleted (store.retention.events), and with them"
    switch reason {
    case .noWindow:
      return
        "\(start) what the figures of \(range) need. Final figures are kept of whole hours, shifts and days only: "
        + "ask for exactly one hour or day of the site, or for a series of hours, shifts or days"
    case .open:
      return "\(start) what the figures of \(range) were before it was over. Its final figures are kept: "
        + "ask as of a time after its end"
    case .recompute:
      return
        "\(start) what a recompute of \(range) needs. Its final figures are kept: ask without a recompute"
    case .timeline:
      return "\(start) what workers and workstations did from \(range): ask for a time after it"
    case .stops:
      return "\(start) the stops of the shift from \(range): ask for a time after it"
    }
  }
}
