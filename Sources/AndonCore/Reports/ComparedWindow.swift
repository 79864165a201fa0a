/// The figures of one of several windows that are compared, and what changed since the one before it.
package struct ComparedWindow: Sendable {
  package var record: KPIRecord
  /// Those of the window before it in the list; nil for the first one.
  package var before: KPIRecord?

  package init(_ record: KPIRecord, after before: KPIRecord?) {
    (self.record, self.before) = (record, before)
  }

  /// Windows in the order in which they are compared.
  package static func all(_ records: [KPIRecord]) -> [ComparedWindow] {
    records.indices.map { ComparedWindow(records[$0], after: $0 > 0 ? records[$0 - 1] : nil) }
  }

  /// The figure less that of the window before; nil where one of them lacks it.
  package func change(of metric: KPIMetric) -> Int64? {
    guard let now = record[metric], let then = before?[metric] else { return nil }
    let (change, overflow) = now.subtractingReportingOverflow(then)
    return overflow ? nil : change
  }

  package static let payload = PayloadTable<ComparedWindow>(
    "The figures of a window, and for each figure what changed since the window before it in the list.",
    // A revision counts publications: here there are none.
    KPIRecord.payload.fields.filter { $0.name != "rev" }.of { ($0.record, nil) },
    KPIMetric.allCases.map { metric in
      let help = "\(metric.rawValue) less that of the window before; absent for the first one"
      let name = "diff_\(metric.rawValue)"
      return metric.digits == 0
        ? .optional(name, .integer(help)) { $0.change(of: metric) }
        : .optional(name, .difference(help, digits: metric.digits)) { $0.change(of: metric) }
    })

  package var json: [UInt8] { Self.payload.json(self, capacity: 1536) }
}
