/// One row of a Pareto table of stops: how many a workstation, line or reason had, and how long they took.
package struct StopParetoRow: Sendable, Hashable {
  /// What stops are grouped by.
  package enum Key: String, Sendable, CaseIterable {
    case workstation, line, reason
  }

  /// The workstation, line or reason; nil for workstations without a line and for stops without a reason.
  package var id: String?
  package var stops: Int64 = 0
  package var stopMs: Int64 = 0
  /// Of the time of all rows, hundredths of a per cent.
  package var share: Int64 = 0
  /// The share of this row and those before it.
  package var cumulative: Int64 = 0

  package init(
    id: String? = nil, stops: Int64 = 0, stopMs: Int64 = 0, share: Int64 = 0, cumulative: Int64 = 0
  ) {
    (self.id, self.stops, self.stopMs) = (id, stops, stopMs)
    (self.share, self.cumulative) = (share, cumulative)
  }

  /// The rows, the longest time first, then by id. O(n log n).
  package static func rows(_ parts: [StopPart], by key: Key, in layout: SiteLayout) -> [StopParetoRow] {
    func id(_ part: StopPart) -> String? {
      switch key {
      case .workstation: part.stop.workstationID
      case .line: layout.line(ofWorkstation: part.stop.workstationID)?.id
      case .reason: part.given?.reasonID
      }
    }
    var rows = Dictionary(grouping: parts, by: id).map { id, parts in
      StopParetoRow(id: id, stops: Int64(parts.count), stopMs: parts.reduce(0) { $0 + $1.insideMs })
    }
    rows.sort { ($1.stopMs, $0.id ?? "") < ($0.stopMs, $1.id ?? "") }
    let allMs = rows.reduce(0) { $0 + $1.stopMs }
    var sumMs: Int64 = 0
    for place in rows.indices {
      sumMs += rows[place].stopMs
      rows[place].share = Ratio.percent(rows[place].stopMs, of: allMs) ?? 0
      rows[place].cumulative = Ratio.percent(sumMs, of: allMs) ?? 0
    }
    return rows
  }

  package static let payload = PayloadTable<StopParetoRow>(
    "The stops of one workstation, line or reason.",
    [
      .optional(
        "id",
        .identifier(
          "The workstation, line or reason; absent for workstations without a line and stops without a reason"
        )
      ) { $0.id },
      .required("stops", .count("Stops with a part in the range")) { $0.stops },
      .required("stop_s", .decimal("Their planned time in the range", digits: 3)) { $0.stopMs },
      .required("share_pct", .decimal("Of the time of all rows", digits: 2, most: 100)) { $0.share },
      .required("cumulative_pct", .decimal("The share of this row and those before it", digits: 2, most: 100))
      {
        $0.cumulative
      },
    ])

  package var json: [UInt8] { Self.payload.json(self, capacity: 128) }
}
