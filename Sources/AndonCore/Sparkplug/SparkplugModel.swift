/// The metrics of node and devices. They are fixed for a configuration, so that a birth names all metrics
/// that will ever be published. An alias is the first alias of the device plus the index of the metric.
struct SparkplugModel: Sendable {
  /// Where a window's metrics lie in a list of tags.
  struct Place: Sendable {
    var start: Int
    var end: Int
    var final: Int
    var shift: Int?
    var metrics: [KPIMetric: Int]
    var all: Range<Int>
  }

  struct Layout: Sendable {
    var tags: [SparkplugTag]
    var windows: [WindowKind: Place]
  }

  static let nodeHealth = 0
  static let nodeVersion = 1
  static let state = 0
  static let workstation = 1
  static let lastEventOfWorker = 2
  /// Of a workstation, line or area.
  static let lastEventOfWorkstation = 0
  static let cameraStatus = 0
  static let cameraEvents = 1
  static let cameraLastEvent = 2
  /// The index of the alarm's first metric.
  static let alarm = 3
  static let acknowledgeName = "alert/drift/ack"
  /// The index of the acknowledge command.
  static let acknowledge = alarm

  let node: Layout
  private let worker: Layout
  private let station: Layout
  /// Of lines and areas.
  private let line: Layout
  private let camera: Layout

  /// - Parameters:
  ///   - hasShifts: without shifts no time is planned, and no figure says so.
  ///   - hasTargets: whether workstations, lines and the site have the figures of a target.
  init(windows: [WindowKind], hasShifts: Bool, hasTargets: Bool = false) {
    func layout(_ first: [SparkplugTag], _ scope: KPIScope) -> Layout {
      let figures = Self.figures(of: scope) + (hasTargets && scope != .worker ? Self.target : [])
      return Self.layout(first, figures.filter { hasShifts || !Self.planned.contains($0) }, windows)
    }
    node = layout(
      [SparkplugTag("health", .string), SparkplugTag("Properties/Andon version", .string)], .site)
    worker = layout(
      [
        SparkplugTag("state", .string), SparkplugTag("workstation_id", .string),
        SparkplugTag("last_event", .dateTime),
      ], .worker)
    station = layout([SparkplugTag("last_event", .dateTime)], .workstation)
    line = layout([SparkplugTag("last_event", .dateTime)], .line)
    camera = Layout(tags: Self.cameraTags, windows: [:])
  }

  func layout(of kind: SparkplugDeviceID.Kind) -> Layout {
    switch kind {
    case .worker: worker
    case .workstation: station
    case .line, .area: line
    case .camera: camera
    }
  }

  private static let cameraTags: [SparkplugTag] = [
    SparkplugTag("status", .string), SparkplugTag("events", .int64, unit: "1"),
    SparkplugTag("last_event", .dateTime), SparkplugTag(acknowledgeName, .boolean),
    SparkplugTag("alert/drift/state", .string), SparkplugTag("alert/drift/active", .boolean),
    SparkplugTag("alert/drift/acked", .boolean), SparkplugTag("alert/drift/severity", .int64),
    SparkplugTag("alert/drift/value", .double, unit: "1", high: 1),
    SparkplugTag("alert/drift/limit", .double, unit: "1", high: 1),
    SparkplugTag("alert/drift/samples", .int64, unit: "1"),
    SparkplugTag("alert/drift/model_version", .string), SparkplugTag("alert/drift/raised", .dateTime),
    SparkplugTag("alert/drift/message", .string),
  ]

  private static func layout(
    _ first: [SparkplugTag], _ figures: [KPIMetric], _ windows: [WindowKind]
  ) -> Layout {
    var layout = Layout(tags: first, windows: [:])
    for kind in windows {
      let name = kind.rawValue
      let start = layout.tags.count
      layout.tags += [
        SparkplugTag("\(name)/window_start", .dateTime), SparkplugTag("\(name)/window_end", .dateTime),
        SparkplugTag("\(name)/final", .boolean),
      ]
      if kind == .shift { layout.tags.append(SparkplugTag("\(name)/shift_id", .string)) }
      var metrics: [KPIMetric: Int] = [:]
      for metric in figures {
        metrics[metric] = layout.tags.count
        let unit = KPIDefinition(metric).ucum
        layout.tags.append(
          SparkplugTag(
            "\(name)/\(metric.rawValue)", metric.digits == 0 ? .int64 : .double, unit: unit,
            high: metric.most.map(Double.init)))
      }
      layout.windows[kind] = Place(
        start: start, end: start + 1, final: start + 2, shift: kind == .shift ? start + 3 : nil,
        metrics: metrics, all: start..<layout.tags.count)
    }
    return layout
  }

  private static let target: [KPIMetric] = [
    .targetUnits, .gapUnits, .pace, .forecastUnits, .targetTotalUnits, .takt,
  ]
  private static let stops: [KPIMetric] = [.stops, .microStops, .stop, .microStop, .unplannedStop]
  private static let planned = Set(stops).union([.planned, .availability])

  /// The figures that a record of this scope may have.
  private static func figures(of scope: KPIScope) -> [KPIMetric] {
    switch scope {
    case .worker:
      [
        .elapsed, .working, .idle, .absent, .timedOut, .unknown, .planned, .utilization, .availability,
        .coverage, .units, .unitsPerHour,
      ]
    case .workstation, .line, .area:
      [
        .elapsed, .working, .idle, .occupied, .labor, .planned, .utilization, .occupancy, .availability,
        .units, .unitsPerHour, .throughputPerHour, .workersPresent,
      ] + stops
    case .site:
      [
        .elapsed, .working, .idle, .absent, .timedOut, .unknown, .labor, .planned, .utilization,
        .meanUtilization, .availability, .coverage, .units, .unitsPerHour, .meanUnitsPerHour,
        .throughputPerHour, .workersSeen, .workersWorking, .workersIdle,
      ] + stops
    }
  }
}
