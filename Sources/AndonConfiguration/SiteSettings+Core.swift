package import AndonCore
package import Foundation

/// Converts the configuration's values to the core's types. The only code that reads the rules of a time zone
/// from Foundation.
extension ZoneOffsets {
  /// The offsets of an IANA zone from 1990 to 2060, from the system's time zone data.
  package init(zone: TimeZone) {
    let first = CivilTime(year: 1990, month: 1, day: 1).epochMs
    let last = CivilTime(year: 2060, month: 1, day: 1).epochMs
    var transitions: [ZoneOffsets.Transition] = []
    var date = Date(timeIntervalSince1970: Double(first) / 1000)
    while let next = zone.nextDaylightSavingTimeTransition(after: date), next > date {
      let atMs = Int64(next.timeIntervalSince1970.rounded()) * 1000
      if atMs >= last { break }
      let offset = Int64(zone.secondsFromGMT(for: next)) * 1000
      transitions.append(.init(atMs: atMs, offsetMs: offset))
      date = next
    }
    let initial = Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(first) / 1000))) * 1000
    self.init(initialOffsetMs: initial, transitions: transitions)
  }
}

extension SiteSettings {
  /// The rules of the site's clock. Asks the system for a century of changes: not for each event.
  package var zone: ZoneOffsets { ZoneOffsets(zone: TimeZone(identifier: timeZone) ?? .gmt) }
}

extension SiteCalendar {
  package init(_ site: SiteSettings) {
    self.init(
      zone: site.zone, shifts: site.shifts.map(ShiftDefinition.init), rules: site.calendar)
  }
}

extension SiteCalendars {
  /// As configured.
  package init(_ site: SiteSettings) {
    self.init(
      site: SiteCalendar(site), layout: site.layout,
      lineShifts: site.lineShifts.mapValues { $0.map(ShiftDefinition.init) },
      targets: SiteTargets(site.targets))
  }
}

extension SiteSettings {
  /// The workstations that the configuration names, by themselves or in a line.
  package var listedWorkstations: Set<String> {
    Set(workstations.keys).union(layout.lines.flatMap(\.workstations))
  }

  /// Whether the site or one of its lines has shifts.
  package var hasShifts: Bool { !shifts.isEmpty || !lineShifts.isEmpty }
}

extension ShiftDefinition {
  init(_ shift: ShiftSettings) {
    self.init(
      id: shift.id, start: LocalTime(minutes: shift.startMinute), end: LocalTime(minutes: shift.endMinute),
      breaks: shift.breaks.map {
        BreakDefinition(start: LocalTime(minutes: $0.startMinute), end: LocalTime(minutes: $0.endMinute))
      }, days: shift.days)
  }
}

extension DriftLimits {
  package init(_ site: SiteSettings) {
    self.init(
      DetectorSettings(low: DriftSettings(site.drift), gatePpm: site.ingest.minConfidencePpm),
      cameras: site.cameraLimits, models: site.modelLimits)
  }
}

extension DriftSettings {
  package init(_ values: DriftSettingsValues) {
    self.init(
      window: values.window, limitPpm: values.limitPpm, clearLimitPpm: values.clearLimitPpm,
      onDelayMs: values.onDelayMs, gapCreditMs: values.gapCreditMs, clearDelayMs: values.clearDelayMs)
  }
}
