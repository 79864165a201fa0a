/// What is told of a stop on its topics: the record, and which telling of it this is.
package struct StopNotice: Sendable, Hashable {
  package var record: StopRecord
  /// 1 for the first telling of a stop, one more for each change of it: a repeat has the same number.
  package var revision: Int64
  /// Late events took the stop away, or too few workers were there to show it.
  package var isRetracted: Bool
  /// When this was true, epoch milliseconds.
  package var nowMs: Int64

  package init(_ record: StopRecord, revision: Int64, isRetracted: Bool = false, nowMs: Int64) {
    (self.record, self.revision) = (record, revision)
    (self.isRetracted, self.nowMs) = (isRetracted, nowMs)
  }

  package static let payload = PayloadTable<StopNotice>(
    "A stop of a workstation as it is told on its topics. While it is open, `duration_s` is what had passed then.",
    .time { $0.nowMs }, StopRecord.fields.of { $0.record },
    [
      .required("rev", .count("1, and one more for each change; a repeat has the same")) { $0.revision },
      .optional("retracted", .flag("There is no such stop, as late events show; else absent")) {
        $0.isRetracted ? true : nil
      },
    ])

  package var json: [UInt8] { Self.payload.json(self, capacity: 512) }
}
