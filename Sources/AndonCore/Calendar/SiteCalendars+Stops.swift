extension SiteCalendars {
  /// Until when events and reasons may change the stops of a window: the end of the last shift that it has a part of.
  package func stopsEndMs(_ window: Window) -> Int64 {
    let endMs = window.endMs
    return all.flatMap { calendar, _ in
      calendar.windows(.shift, endingAfter: endMs, upTo: endMs + 2 * CivilTime.millisecondsPerDay)
    }
    .filter { $0.startMs < endMs }.map(\.endMs).max() ?? endMs
  }

  /// The start of the first shift that ends after an instant and began before another one; nil when there is none.
  package func shiftStartMs(endingAfter fromMs: Int64, beginningBefore nowMs: Int64) -> Int64? {
    all.flatMap { calendar, _ in
      calendar.windows(.shift, endingAfter: fromMs, upTo: nowMs + 2 * CivilTime.millisecondsPerDay)
    }
    .map(\.startMs).filter { $0 < nowMs }.min()
  }
}
