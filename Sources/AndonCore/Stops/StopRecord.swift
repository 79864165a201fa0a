/// A stop with all that is shown of it.
package struct StopRecord: Sendable, Hashable {
  package var stop: Stop
  package var siteID: String
  package var lineID: String?
  package var given: GivenReason?
  /// That of `given`; nil without one.
  package var reason: StopReason?
  /// It has lasted for longer than `stops.ask_after` without a reason.
  package var asks: Bool

  /// - Parameter askAfterMs: `stops.ask_after`. A site without reasons asks for none.
  package init(
    _ part: StopPart, site: String, _ layout: SiteLayout, _ reasons: StopReasons, askAfterMs: Int64
  ) {
    (stop, siteID, given) = (part.stop, site, part.given)
    lineID = layout.line(ofWorkstation: part.stop.workstationID)?.id
    reason = part.given?.reasonID.map(reasons.reason)
    asks = part.given == nil && !reasons.catalog.isEmpty && part.stop.durationMs > askAfterMs
  }

  /// As the API and `andon stops` give it.
  package static let payload = PayloadTable<(record: StopRecord, nowMs: Int64)>(
    "A stop of a workstation: planned time without work, longer than `stops.min`, in one shift.",
    .time { $0.nowMs }, fields.of { $0.record })

  static let fields: [PayloadField<StopRecord>] = [
    .required("stop_id", .text("`{workstation}:{start_ms}`, its identity in the site")) { $0.stop.id },
    .required("site_id", .identifier("The site")) { $0.siteID },
    .required("workstation_id", .identifier("The workstation")) { $0.stop.workstationID },
    .optional("line_id", .identifier("The line of the workstation")) { $0.lineID },
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
    .optional("reason", .identifier("Why, one of `stops.reasons`; absent while none is given")) {
      $0.reason?.id
    },
    .optional("reason_name", .text("The reason for people")) { $0.reason?.name },
    .required("planned", .flag("The reason says that the stop was planned")) {
      $0.reason?.isPlanned ?? false
    },
    .optional("comment", .text("What was said with the reason")) { $0.given?.comment },
    .optional("by", .text("Who gave the reason; empty when the name is deleted")) { $0.given?.by },
    .optional("by_verified", .flag("The name was proved by a login or a token")) { $0.given?.isByVerified },
    .optional("ask", .flag("Longer than `stops.ask_after` and without a reason; else absent")) {
      $0.asks ? true : nil
    },
  ]

  /// A checksum of the record without what time alone changes while the stop is open: a difference is worth telling.
  package var face: Int64 {
    var record = self
    if stop.isOpen { (record.stop.endMs, record.stop.durationMs) = (stop.startMs, 0) }
    var checksum = Checksum(domain: 0)
    checksum.add(record.json(nowMs: 0).span)
    return Int64(bitPattern: checksum.value)
  }

  package func json(nowMs: Int64) -> [UInt8] { Self.payload.json((self, nowMs), capacity: 448) }
}
