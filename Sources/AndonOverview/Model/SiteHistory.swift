package import AndonCore

/// A site's closed days and shifts, oldest first.
package struct SiteHistory: Sendable, Equatable {
  /// One closed day or shift.
  package struct Span: Sendable, Equatable {
    package var startMs: Int64
    package var endMs: Int64
    package var shiftID: String?
    package var quality: Int64
    /// Hundredths of a per cent.
    package var utilization: Int64?
    package var units: Int64?
    package var targetUnits: Int64?

    package init(
      startMs: Int64, endMs: Int64, shiftID: String? = nil, quality: Int64, utilization: Int64? = nil,
      units: Int64? = nil, targetUnits: Int64? = nil
    ) {
      self.startMs = startMs
      self.endMs = endMs
      self.shiftID = shiftID
      self.quality = quality
      self.utilization = utilization
      self.units = units
      self.targetUnits = targetUnits
    }
  }

  package var site: String
  package var nowMs: Int64
  /// When the database was asked.
  package var readMs: Int64
  package var days: [Span] = []
  package var shifts: [Span] = []

  package init(site: String, nowMs: Int64, readMs: Int64) {
    self.site = site
    self.nowMs = nowMs
    self.readMs = readMs
  }

  package static let payload = PayloadTable<SiteHistory>(
    "A site's past, from the central database.",
    [
      .required("site_id", .identifier("The site")) { $0.site },
      .required("timestamp_ms", .instant("Now")) { $0.nowMs },
      .required("read_ms", .instant("When the database was asked")) { $0.readMs },
      .required("days", .array(of: .object(span))) { $0.days },
      .required("shifts", .array(of: .object(span))) { $0.shifts },
    ])

  private static let span = PayloadTable<Span>(
    "A closed day or shift.",
    [
      .required("window_start_ms", .instant("The first instant")) { $0.startMs },
      .required("window_end_ms", .instant("The first instant no longer in it")) { $0.endMs },
      .optional("shift_id", .text("The shift")) { $0.shiftID },
      .required("quality", .integer("192 good, 64 uncertain, 500 stale, 0 no data")) { $0.quality },
      .optional("utilization_pct", .difference("Utilization, per cent", digits: 2)) { $0.utilization },
      .optional("units", .integer("Units")) { $0.units },
      .optional("target_units", .integer("Target")) { $0.targetUnits },
    ])
}
