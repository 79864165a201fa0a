/// The figures of one worker, workstation, line, area or site in one window at one time.
public struct KPIRecord: Sendable, Hashable {
  /// A figure as an exact scaled integer: the value times 10^`metric.digits`.
  public struct Value: Sendable, Hashable {
    public var metric: KPIMetric
    public var scaled: Int64
  }

  public var siteID: String
  public var scope: KPIScope
  public var id: String
  public var window: Window
  public var nowMs: Int64
  /// Only figures that can be computed, in the order of `KPIMetric`.
  public var values: [Value]
  /// The worker's state at the end of the elapsed time.
  public var state: WorkerState?
  public var workstationID: String?
  public var lastEventMs: Int64?
  public var quality: OPCQuality
  /// What is made towards the target that holds at the end of the elapsed time.
  public var labels = TargetLabels()
  /// Nil for figures that were computed from events.
  public var source: KPISource?
  /// What people call it, and where it belongs; nil where that was not looked up. No part of the figures.
  public var place: PlaceNames?
  /// How many workers the figures are about; nil when that was not counted.
  package var distinctWorkers: Int?
  /// The figures are of too few workers to be shown.
  package private(set) var isWithheld = false

  /// The same record with ids and window, and no figures.
  package var withheld: KPIRecord {
    var record = self
    (record.values, record.state, record.workstationID, record.lastEventMs) = ([], nil, nil, nil)
    record.labels = TargetLabels()
    (record.quality, record.distinctWorkers, record.isWithheld) = (.noData, nil, true)
    return record
  }

  /// The record with good quality lowered to uncertain when its coverage is below the limit. A record without
  /// `coverage_pct` does not change.
  ///
  /// - Parameter percent: 0…100.
  public func judged(minCoveragePercent percent: Int64) -> KPIRecord {
    guard quality == .good, let coverage = self[.coverage], coverage < percent * 100 else { return self }
    var record = self
    record.quality = .uncertain
    return record
  }

  /// The same record with the names of what it is about. O(1).
  public func named(by names: SiteNames) -> KPIRecord {
    var place = PlaceNames()
    switch scope {
    case .site: place.name = names.site
    case .area: place.name = names.layout.area(id)?.name
    case .line: (place.name, place.areaID) = (names.layout.line(id)?.name, names.layout.area(ofLine: id)?.id)
    case .workstation:
      place.name = names.workstation(id)
      names.set(names.layout.line(ofWorkstation: id), on: &place)
    case .worker:
      // Never a person's name: the object is retained at the broker.
      guard let workstationID else { break }
      place.workstationName = names.workstation(workstationID)
      names.set(names.layout.line(ofWorkstation: workstationID), on: &place)
    }
    var record = self
    record.place = place
    return record
  }

  /// Whether the window is over.
  public var isFinal: Bool { nowMs >= window.endMs }

  public subscript(metric: KPIMetric) -> Int64? { values.first { $0.metric == metric }?.scaled }

  /// Name and text of each figure.
  public var metrics: [(name: String, text: String)] {
    values.map { value in
      guard value.metric.digits > 0 else { return (value.metric.rawValue, String(value.scaled)) }
      var bytes: [UInt8] = []
      JSONWriter.append(scaled: value.scaled, digits: value.metric.digits, to: &bytes)
      return (value.metric.rawValue, String(decoding: bytes, as: UTF8.self))
    }
  }

  /// Name and text of all scalar tag topics: the figures and the fields beside them.
  public var scalars: [(name: String, text: String)] {
    var scalars = metrics
    if let state { scalars.append(("state", state.rawValue)) }
    if let workstationID { scalars.append(("workstation_id", workstationID)) }
    if let lastEventMs { scalars.append(("last_event_ms", String(lastEventMs))) }
    if let order = labels.order { scalars.append(("order", order)) }
    if let product = labels.product { scalars.append(("product", product)) }
    scalars.append(("quality", String(quality.rawValue)))
    return scalars
  }

  /// All names that `scalars` can have.
  package static let scalarNames =
    KPIMetric.allCases.map(\.rawValue) + [
      "state", "workstation_id", "last_event_ms", "order", "product", "quality",
    ]

  /// The flat object of the `kpi` topics. `revision` counts the publications of the window; nil leaves `rev`
  /// out.
  public func json(revision: Int64?) -> [UInt8] {
    Self.payload.json((self, revision), capacity: 768)
  }
}

extension KPIRecord {
  package static let payload = PayloadTable<(record: KPIRecord, revision: Int64?)>(
    "The figures of one worker, workstation, line, area or site in one window. A figure that cannot be computed is left out.",
    .time { $0.record.nowMs },
    [
      .required("site_id", .identifier("The site")) { $0.record.siteID },
      .required("scope", .word("What about")) { $0.record.scope },
      .required("id", .identifier("The worker, workstation, line, area or site")) { $0.record.id },
      .required(
        "window", .words("Which window", WindowKind.allCases.map(\.rawValue) + [Window.customName])
      ) { $0.record.window.name },
      .optional("shift_id", .identifier("The shift, when the window is one")) { $0.record.window.shiftID },
      .required("window_start_ms", .instant("The first instant")) { $0.record.window.startMs },
      .required("window_end_ms", .instant("The first instant no longer in it")) { $0.record.window.endMs },
      .required("final", .flag("The window is over")) { $0.record.isFinal },
      .optional("rev", .count("Counts what was published of the window; MQTT only")) { $0.revision },
      .optional("withheld", .flag("True: the figures are left out, as they are of too few workers")) {
        $0.record.isWithheld ? true : nil
      },
    ], KPIDefinition.all.map(figure),
    [
      .optional("state", .word("A worker's state now")) { $0.record.state },
      .optional("workstation_id", .identifier("Where a worker is")) { $0.record.workstationID },
      .optional("last_event_ms", .instant("The newest event")) { $0.record.lastEventMs },
      .optional("order", .text("The order that the target is for, if one was named")) {
        $0.record.labels.order
      },
      .optional("product", .text("The product that the target is for, if one was named")) {
        $0.record.labels.product
      },
      .required(
        "quality",
        .codes(
          "192 good, 64 uncertain (coverage below kpi.min_coverage), 500 stale, 0 no data",
          OPCQuality.allCases.map(\.rawValue))
      ) { $0.record.quality.rawValue },
      .optional(
        "source",
        .word(
          "`final`: kept since the window's events were deleted; left out for what is computed from events")
      ) { $0.record.source },
    ], PlaceNames.fields.ifPresent { $0.record.place })

  private static func figure(
    _ definition: KPIDefinition
  ) -> PayloadField<(record: KPIRecord, revision: Int64?)> {
    let metric = definition.metric
    let help = "\(definition.formula) [\(definition.ucum)]"
    let kind: PayloadKind<Int64> =
      metric.least < 0
      ? .integer(help)
      : metric.digits == 0 ? .count(help) : .decimal(help, digits: metric.digits, most: metric.most)
    return .optional(metric.rawValue, kind) { $0.record[metric] }
  }
}
