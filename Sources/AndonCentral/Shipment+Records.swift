package import AndonCore

extension Shipment {
  /// Adds a record of a log. Counters are no rows: `Site.counters` has them.
  package mutating func add(_ record: ShipRecord, site: Int) {
    switch record {
    case .event(let row): add(row, site: site)
    case .final(let row): add(row.record, revision: row.revision, site: site)
    case .alarm(let row):
      add(
        .alerts,
        [
          ("alert_id", .text(row.alertID)), ("occurrence_id", .text(row.occurrenceID)),
          ("rev", .number(row.revision)), ("event", .text(row.event)), ("page", .flag(row.isPage)),
          ("at_ms", .number(row.atMs)), ("noted_ms", .number(row.notedMs)), ("count", .number(row.count)),
          ("number", .number(row.number)), ("first_ms", .number(row.firstMs)),
          ("record", .json(Array(row.record.utf8))),
        ], site: site)
    case .gap(let row):
      add(
        .gaps,
        [
          ("noted_at_ms", .number(row.notedAtMs)), ("number", .number(row.number)),
          ("cause", .text(row.cause)), ("from_ms", .number(row.fromMs)),
          ("to_ms", .number(row.toMs)), ("camera_id", .text(row.cameraID)), ("detail", .text(row.detail)),
        ], site: site)
    case .camera(let row):
      add(
        .cameras,
        [
          ("camera_id", .text(row.cameraID)), ("events", .number(row.events)),
          ("last_event_ms", .number(row.lastEventMs)), ("last_received_ms", .number(row.lastReceivedMs)),
          ("status", .text(row.status)),
        ], site: site)
    // Patches are no rows of the history either.
    case .counters, .patch: break
    case .stop(let row): add(row, site: site)
    case .reason(let row):
      add(
        .reasons,
        [
          ("number", .number(row.number)), ("workstation_id", .text(row.workstationID)),
          ("start_ms", .number(row.startMs)),
          ("reason", .text(row.reasonID)), ("comment", .text(row.comment)), ("at_ms", .number(row.atMs)),
        ] + Self.optional("end_ms", row.endMs), site: site)
    case .target(let row):
      add(
        .targets,
        [
          ("at_ms", .number(row.atMs)), ("number", .number(row.number)), ("scope", .text(row.scope)),
          ("subject", .text(row.subject)),
          ("from_ms", .number(row.fromMs)), ("order_id", .text(row.order)), ("product", .text(row.product)),
        ] + Self.optional("until_ms", row.untilMs)
          + Self.optional("micro_units_per_hour", row.microUnitsPerHour), site: site)
    case .calendar(let row):
      add(
        .calendar,
        [
          ("at_ms", .number(row.atMs)), ("number", .number(row.number)), ("action", .text(row.action)),
          ("from_day", .number(row.fromDay)),
          ("to_day", .number(row.toDay)), ("line", .text(row.line)), ("shifts", .text(row.shifts)),
          ("reason", .text(row.reason)),
        ], site: site)
    case .report(let row): add(row, site: site)
    case .erasure(let row):
      add(
        .erasures,
        [
          ("at_ms", .number(row.atMs)), ("salt", .hex(row.salt)), ("digest", .text(row.digest)),
          ("replacement", .text(row.replacement)),
        ], site: site)
    }
  }

  private mutating func add(_ row: ShippedStop, site: Int) {
    var fields: [(name: String, value: ShippedField)] = [
      ("workstation_id", .text(row.workstationID)), ("start_ms", .number(row.startMs)),
      ("duration_ms", .number(row.durationMs)), ("kind", .text(row.kind)), ("shift_id", .text(row.shiftID)),
      ("retracted", .flag(row.isRetracted)), ("rev", .number(row.revision)),
      ("payload", .json(Array(row.payload.utf8))),
    ]
    if !row.isOpen { fields.append(("end_ms", .number(row.endMs))) }
    add(.stops, fields, site: site)
  }

  private mutating func add(_ row: ShippedReport, site: Int) {
    add(
      .reports,
      [
        ("scope", .text(row.scope)), ("id", .text(row.id)), ("start_ms", .number(row.startMs)),
        ("end_ms", .number(row.endMs)), ("shift_id", .text(row.shiftID)),
        ("retracted", .flag(row.isRetracted)), ("rev", .number(row.revision)),
      ], site: site)
  }

  private static func optional(_ name: String, _ value: Int64?) -> [(name: String, value: ShippedField)] {
    value.map { [(name, .number($0))] } ?? []
  }
}
