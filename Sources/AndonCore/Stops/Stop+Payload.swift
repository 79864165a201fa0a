/// A stop as the API and `andon stops` give it.
extension Stop {
  package static let payload = PayloadTable<(stop: Stop, site: String, line: String?, nowMs: Int64)>(
    "A stop of a workstation: planned time without work, longer than `stops.min`, in one shift.",
    .time { $0.nowMs },
    [
      .required("stop_id", .text("`{workstation}:{start_ms}`, its identity in the site")) { $0.stop.id },
      .required("site_id", .identifier("The site")) { $0.site },
      .required("workstation_id", .identifier("The workstation")) { $0.stop.workstationID },
      .optional("line_id", .identifier("The line of the workstation")) { $0.line },
      .required("start_ms", .instant("The first planned instant without work")) { $0.stop.startMs },
      .optional("end_ms", .instant("The first instant no longer in it; absent while it is open")) {
        $0.stop.isOpen ? nil : $0.stop.endMs
      },
      .required("open", .flag("It has not ended yet")) { $0.stop.isOpen },
      .required("duration_s", .decimal("Its planned time so far", digits: 3)) { $0.stop.durationMs },
      .required(
        "kind",
        .word(
          "idle: workers are here; vacant: none is; no_data: no event tells; mixed: more than one of these")
      ) { $0.stop.kind },
      .required("shift_id", .identifier("The shift that it lies in")) { $0.stop.shiftID },
    ])

  package func json(site: String, _ layout: SiteLayout, nowMs: Int64) -> [UInt8] {
    Self.payload.json(
      (self, site, layout.line(ofWorkstation: workstationID)?.id, nowMs), capacity: 384)
  }
}
