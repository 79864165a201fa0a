/// A stretch of a shift in which events may be missing.
package struct ReportGap: Sendable, Hashable {
  package var cause: String
  /// Nil: of the whole site.
  package var cameraID: String?
  package var fromMs: Int64
  package var toMs: Int64

  package init(cause: String, cameraID: String?, fromMs: Int64, toMs: Int64) {
    (self.cause, self.cameraID, self.fromMs, self.toMs) = (cause, cameraID, fromMs, toMs)
  }

  package static let payload = PayloadTable<ReportGap>(
    "A stretch of time in which events may be missing.",
    [
      .required("cause", .text("Why, as in `/status`")) { $0.cause },
      .optional("camera_id", .identifier("The camera; absent for the whole site")) { $0.cameraID },
      .required("from_ms", .instant("Its beginning")) { $0.fromMs },
      .required("to_ms", .instant("Its end")) { $0.toMs },
    ])
}
