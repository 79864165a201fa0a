package import AndonCore

extension SiteSettings {
  /// What people call its parts. Cheap: the parts are shared, not copied.
  package var names: SiteNames {
    let ofLines = layout.lines.flatMap { line in
      (lineShifts[line.id] ?? []).map { ShiftName(id: $0.id, name: $0.name, lineID: line.id) }
    }
    var names = SiteNames(
      siteID: id, site: name, timeZone: timeZone, layout: layout, workstations: workstations,
      cameras: cameras, shifts: shifts.map { ShiftName(id: $0.id, name: $0.name) } + ofLines,
      publicURL: publicURL)
    names.stopReasons = stops.reasons
    return names
  }
}
