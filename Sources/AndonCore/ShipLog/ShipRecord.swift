/// One record of the log of what a site has committed: a row of the site's file as it is told to the central history.
///
/// A record is the whole row, so receiving it twice changes nothing, and a later record of the same row replaces it.
/// Names of people who decided something are left out.
package enum ShipRecord: Sendable, Hashable {
  case event(ShippedEvent)
  case final(ShippedFinal)
  case alarm(ShippedAlarm)
  case gap(ShippedGap)
  case camera(ShippedCamera)
  case counters(ShippedCounters)
  case stop(ShippedStop)
  case reason(ShippedReason)
  case target(ShippedTarget)
  case calendar(ShippedCalendarChange)
  case report(ShippedReport)
  case erasure(ShippedErasure)
  /// No row: what the commit changed in the small tables.
  case patch(ShippedPatch)

  /// The numbers in a body and, as bits, in the file: never change one.
  package enum Kind: UInt8, Sendable, CaseIterable {
    case event = 1
    case final = 2
    case alarm = 3
    case gap = 4
    case camera = 5
    case counters = 6
    case patch = 7
    case stop = 8
    case reason = 9
    case target = 10
    case calendar = 11
    case report = 12
    case erasure = 13
  }

  package var kind: Kind {
    switch self {
    case .event: .event
    case .final: .final
    case .alarm: .alarm
    case .gap: .gap
    case .camera: .camera
    case .counters: .counters
    case .stop: .stop
    case .reason: .reason
    case .target: .target
    case .calendar: .calendar
    case .report: .report
    case .erasure: .erasure
    case .patch: .patch
    }
  }

  /// The time by which a back-fill finds the row again, epoch milliseconds; nil where it reads all rows.
  package var timeMs: Int64? {
    switch self {
    case .event(let row): row.event.timestampMs
    case .final(let row): row.record.window.startMs
    case .alarm(let row): row.notedMs
    case .gap(let row): row.notedAtMs
    case .camera, .counters, .patch: nil
    case .stop(let row): row.startMs
    case .reason(let row): row.startMs
    case .target(let row): row.atMs
    case .calendar(let row): row.atMs
    case .report(let row): row.endMs
    case .erasure(let row): row.atMs
    }
  }
}
