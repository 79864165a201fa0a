/// One site as a Sparkplug edge node: the values of its devices, which devices are alive, and the messages
/// that follow.
///
/// A value without clock, network or lock. Records, cameras and alarms are applied as they change; `births`
/// and `changes` return messages in the order in which they must be sent. Memory is bounded by the site's
/// limits of workers, workstations and cameras, and by `historyLimit`.
public struct SparkplugNode: Sendable {
  private struct Device: Sendable {
    let id: SparkplugDeviceID
    var values: SparkplugTagValues
    /// When its last open window ends; nil before the first. Cameras have none.
    var openUntilMs: Int64?
    var isOffline = false
    var isBorn = false
  }

  /// How many records of closed windows wait while the node is not connected; the oldest are dropped and
  /// counted.
  public static let historyLimit = 10_000

  public let topics: SparkplugTopics
  private let model: SparkplugModel
  /// How long a window that ended may stand for the next one, milliseconds.
  private let graceMs: Int64
  private var values: SparkplugTagValues
  private var devices: [Device] = []
  private var indices: [SparkplugDeviceID: Int] = [:]
  private var history: [KPIRecord] = []
  private var sequence = SparkplugSequence()
  private var nextAlias: UInt64
  public private(set) var droppedHistory: Int64 = 0
  /// A birth was returned since `disconnected`.
  public private(set) var isBorn = false

  public init(
    topics: SparkplugTopics, windows: [WindowKind], hasShifts: Bool = true, hasTargets: Bool = false,
    publishIntervalMs: Int64, version: String
  ) {
    self.topics = topics
    model = SparkplugModel(windows: windows, hasShifts: hasShifts, hasTargets: hasTargets)
    graceMs = max(60_000, 3 * publishIntervalMs)
    // Alias 0 is not used: some hosts take it for "no alias".
    values = SparkplugTagValues(layout: model.node, firstAlias: 1)
    nextAlias = 1 + UInt64(model.node.tags.count)
    values.set(SparkplugModel.nodeVersion, .string(version), quality: .good, atMs: 0)
  }

  // MARK: What changes

  /// Applies the figures of an open window, or the last ones of a closed window of its kind.
  public mutating func update(_ record: KPIRecord) {
    // Low coverage of the window does not affect the current state of a worker, which is the same in every
    // window.
    let liveQuality = record.quality == .uncertain ? .good : record.quality
    let record = Self.inSparkplug(record)
    guard let id = Self.device(of: record) else {
      values.set(record)
      return
    }
    let index = index(of: id)
    devices[index].values.set(record)
    if !record.isFinal {
      devices[index].openUntilMs = max(devices[index].openUntilMs ?? .min, record.window.endMs)
    }
    let lastEvent = record.lastEventMs.map { SparkplugValue.dateTime($0) } ?? .null
    func set(_ tag: Int, _ value: SparkplugValue) {
      devices[index].values.set(tag, value, quality: liveQuality, atMs: record.nowMs)
    }
    switch id.kind {
    case .worker where !record.isFinal:
      set(SparkplugModel.state, record.state.map { .string($0.rawValue) } ?? .null)
      set(SparkplugModel.workstation, record.workstationID.map { .string($0) } ?? .null)
      set(SparkplugModel.lastEventOfWorker, lastEvent)
    case .workstation where !record.isFinal, .line where !record.isFinal, .area where !record.isFinal:
      set(SparkplugModel.lastEventOfWorkstation, lastEvent)
    default: break
    }
  }

  /// Applies the figures of a window that closed, or was corrected after that.
  public mutating func update(final record: KPIRecord) {
    if history.count >= Self.historyLimit {
      history.removeFirst(Self.historyLimit / 10)
      droppedHistory += Int64(Self.historyLimit / 10)
    }
    history.append(Self.inSparkplug(record))
  }

  /// - Parameter countsToo: also apply the figures that change with every event, not only the status.
  public mutating func update(_ camera: SparkplugCamera, countsToo: Bool, nowMs: Int64) {
    let index = index(of: SparkplugDeviceID(.camera, camera.cameraID))
    devices[index].isOffline = camera.status == .offline
    func set(_ tag: Int, _ value: SparkplugValue) {
      devices[index].values.set(tag, value, quality: .good, atMs: nowMs)
    }
    set(SparkplugModel.cameraStatus, .string(camera.status.rawValue))
    set(SparkplugModel.acknowledge, .boolean(false))
    guard countsToo else { return }
    set(SparkplugModel.cameraEvents, .int64(camera.events))
    set(SparkplugModel.cameraLastEvent, camera.lastEventMs.map { .dateTime($0) } ?? .null)
  }

  public mutating func update(_ alarm: SparkplugAlarm) {
    let index = index(of: SparkplugDeviceID(.camera, alarm.cameraID))
    let values: [SparkplugValue] = [
      .boolean(false), .string(alarm.state), .boolean(alarm.isActive), .boolean(alarm.isAcked),
      .int64(alarm.severity), alarm.value.map { .double($0) } ?? .null,
      alarm.limit.map { .double($0) } ?? .null, .int64(alarm.samples), .string(alarm.modelVersion),
      alarm.raisedMs.map { .dateTime($0) } ?? .null, .string(alarm.message),
    ]
    for (offset, value) in values.enumerated() {
      let isCommand = SparkplugModel.alarm + offset == SparkplugModel.acknowledge
      devices[index].values.set(
        SparkplugModel.alarm + offset, value, quality: alarm.isStale && !isCommand ? .stale : .good,
        atMs: alarm.nowMs)
    }
  }

  /// Applies the site's health, e.g. `running`.
  public mutating func update(health: String, nowMs: Int64) {
    values.set(SparkplugModel.nodeHealth, .string(health), quality: .good, atMs: nowMs)
  }

  // MARK: Messages

  /// The death certificate of the connection with this number; it is also the will.
  public func death(bdSeq: UInt8) -> SparkplugMessage {
    message(.nodeDeath, SparkplugPayload(metrics: [Self.bdSeqMetric(bdSeq, atMs: nil)]))
  }

  /// The whole birth sequence: the node, then each device that is alive.
  public mutating func births(
    bdSeq: UInt8, nowMs: Int64, send: (SparkplugMessage) throws -> Void
  ) rethrows {
    sequence.restart()
    isBorn = true
    for index in devices.indices { devices[index].isBorn = false }
    // Neither has an alias: a host must find both by name before it knows any alias.
    let rebirth = SparkplugMetric(
      name: Self.rebirthName, timestampMs: nowMs, dataType: .boolean, value: .boolean(false))
    let metrics =
      values.birth(nowMs: nowMs).map { metric in
        var metric = metric
        metric.timestampMs = min(nowMs, metric.timestampMs ?? nowMs)
        return metric
      } + [Self.bdSeqMetric(bdSeq, atMs: nowMs), rebirth]
    try send(
      message(
        .nodeBirth, SparkplugPayload(timestampMs: nowMs, sequence: sequence.next(), metrics: metrics)))
    for index in devices.indices where isAlive(devices[index], nowMs: nowMs) {
      try bear(index, nowMs: nowMs, send: send)
    }
  }

  /// The changes since the last call: births and deaths of devices, changed metrics, closed windows. Sends
  /// nothing before `births`.
  public mutating func changes(nowMs: Int64, send: (SparkplugMessage) throws -> Void) rethrows {
    guard isBorn else { return }
    // The final values of a window come before the first ones of the next.
    let closed = history
    history.removeAll()
    for record in closed { try sendHistory(record, nowMs: nowMs, send: send) }
    let changed = values.changes()
    if !changed.isEmpty { try self.send(.nodeData, nil, changed, nowMs: nowMs, send) }
    for index in devices.indices {
      guard isAlive(devices[index], nowMs: nowMs) else {
        if devices[index].isBorn { try bury(index, nowMs: nowMs, send: send) }
        continue
      }
      guard devices[index].isBorn else {
        try bear(index, nowMs: nowMs, send: send)
        continue
      }
      let changed = devices[index].values.changes()
      if !changed.isEmpty { try self.send(.deviceData, devices[index].id, changed, nowMs: nowMs, send) }
    }
  }

  /// The connection ended: hosts know nothing of the node until the next birth.
  public mutating func disconnected() {
    isBorn = false
    for index in devices.indices { devices[index].isBorn = false }
  }

  // MARK: Commands

  /// Whether a host asks for a rebirth.
  public static func asksForRebirth(_ command: SparkplugCommand) -> Bool {
    command.writes.contains { $0.name == rebirthName && $0.boolean == true }
  }

  /// The camera whose drift alarm a host acknowledges with this command; nil for any other command.
  public func acknowledgement(_ command: SparkplugCommand, device name: String) -> String? {
    let prefix = SparkplugDeviceID(.camera, "").name
    guard name.hasPrefix(prefix) else { return nil }
    let camera = String(name.dropFirst(prefix.count))
    guard let index = indices[SparkplugDeviceID(.camera, camera)] else { return nil }
    let alias = devices[index].values.firstAlias + UInt64(SparkplugModel.acknowledge)
    let isMeant = command.writes.contains {
      $0.boolean == true
        && ($0.name == SparkplugModel.acknowledgeName || ($0.name == nil && $0.alias == alias))
    }
    return isMeant ? camera : nil
  }

  // MARK: Internals

  /// Sparkplug 3.0 (payloads-propertyset-quality-value-value) allows 0, 192 and 500 only.
  private static func inSparkplug(_ record: KPIRecord) -> KPIRecord {
    guard record.quality == .uncertain else { return record }
    var record = record
    record.quality = .stale
    return record
  }

  private static let rebirthName = "Node Control/Rebirth"

  private static func bdSeqMetric(_ number: UInt8, atMs: Int64?) -> SparkplugMetric {
    SparkplugMetric(name: "bdSeq", timestampMs: atMs, dataType: .int64, value: .int64(Int64(number)))
  }

  /// Nil for the site, which is the node itself.
  private static func device(of record: KPIRecord) -> SparkplugDeviceID? {
    switch record.scope {
    case .site: nil
    case .area: SparkplugDeviceID(.area, record.id)
    case .line: SparkplugDeviceID(.line, record.id)
    case .workstation: SparkplugDeviceID(.workstation, record.id)
    case .worker: SparkplugDeviceID(.worker, record.id)
    }
  }

  private mutating func index(of id: SparkplugDeviceID) -> Int {
    if let index = indices[id] { return index }
    let layout = model.layout(of: id.kind)
    devices.append(Device(id: id, values: SparkplugTagValues(layout: layout, firstAlias: nextAlias)))
    nextAlias += UInt64(layout.tags.count)
    indices[id] = devices.count - 1
    return devices.count - 1
  }

  private func isAlive(_ device: Device, nowMs: Int64) -> Bool {
    if device.id.kind == .camera { return !device.isOffline }
    return device.openUntilMs.map { $0 > nowMs - graceMs } ?? false
  }

  private func message(
    _ verb: SparkplugVerb, device: SparkplugDeviceID? = nil, _ payload: SparkplugPayload
  ) -> SparkplugMessage {
    SparkplugMessage(verb: verb, topic: topics.topic(verb, device: device?.name), payload: payload)
  }

  private mutating func send(
    _ verb: SparkplugVerb, _ device: SparkplugDeviceID?, _ metrics: [SparkplugMetric], nowMs: Int64,
    _ send: (SparkplugMessage) throws -> Void
  ) rethrows {
    try send(
      message(
        verb, device: device,
        SparkplugPayload(timestampMs: nowMs, sequence: sequence.next(), metrics: metrics)))
  }

  private mutating func bear(
    _ index: Int, nowMs: Int64, send: (SparkplugMessage) throws -> Void
  ) rethrows {
    devices[index].isBorn = true
    let metrics = devices[index].values.birth(nowMs: nowMs)
    try self.send(.deviceBirth, devices[index].id, metrics, nowMs: nowMs, send)
  }

  private mutating func bury(
    _ index: Int, nowMs: Int64, send: (SparkplugMessage) throws -> Void
  ) rethrows {
    devices[index].isBorn = false
    try self.send(.deviceDeath, devices[index].id, [], nowMs: nowMs, send)
  }

  /// A device that is in no open window any more is born just for this message.
  private mutating func sendHistory(
    _ record: KPIRecord, nowMs: Int64, send: (SparkplugMessage) throws -> Void
  ) rethrows {
    guard let id = Self.device(of: record) else {
      try self.send(.nodeData, nil, values.history(record), nowMs: nowMs, send)
      return
    }
    let index = index(of: id)
    if !devices[index].isBorn { try bear(index, nowMs: nowMs, send: send) }
    try self.send(.deviceData, id, devices[index].values.history(record), nowMs: nowMs, send)
    if !isAlive(devices[index], nowMs: nowMs) { try bury(index, nowMs: nowMs, send: send) }
  }
}
