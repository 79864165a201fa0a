import Testing

@testable import AndonCore

/// The messages of an edge node, one by one, with a clock that the test sets.
@Suite struct SparkplugNodeTests {
  private static let hourMs: Int64 = 3_600_000
  private static let startMs: Int64 = 1_768_471_200_000
  private let nowMs = Self.startMs + 900_000

  private func node(_ windows: [WindowKind] = [.hour]) -> SparkplugNode {
    SparkplugNode(
      topics: SparkplugTopics(group: "plant-a", node: "b1"), windows: windows, publishIntervalMs: 5000,
      version: "1")
  }

  private func record(
    _ scope: KPIScope = .worker, _ id: String = "W1", _ values: [KPIMetric: Int64] = [.units: 3],
    startMs: Int64 = Self.startMs, nowMs: Int64? = nil, quality: OPCQuality = .good
  ) -> KPIRecord {
    var record = KPIRecord(
      siteID: "plant-a", scope: scope, id: id,
      window: Window(kind: .hour, startMs: startMs, endMs: startMs + Self.hourMs), nowMs: nowMs ?? self.nowMs,
      values: values.map { KPIRecord.Value(metric: $0.key, scaled: $0.value) }, quality: quality)
    if scope == .worker { record.state = .working }
    return record
  }

  private func births(_ node: inout SparkplugNode, bdSeq: UInt8 = 3, nowMs: Int64? = nil)
    -> [SparkplugMessage]
  {
    var messages: [SparkplugMessage] = []
    node.births(bdSeq: bdSeq, nowMs: nowMs ?? self.nowMs) { messages.append($0) }
    return messages
  }

  private func changes(_ node: inout SparkplugNode, nowMs: Int64? = nil) -> [SparkplugMessage] {
    var messages: [SparkplugMessage] = []
    node.changes(nowMs: nowMs ?? self.nowMs) { messages.append($0) }
    return messages
  }

  private func value(_ message: SparkplugMessage?, _ name: String) -> SparkplugValue? {
    message?.payload.metrics.first { $0.name == name }?.value
  }

  @Test func nothingIsSaidBeforeTheBirth() {
    var node = node()
    node.update(record())
    node.update(final: record())
    #expect(changes(&node).isEmpty)
  }

  /// Sparkplug allows 0, 192 and 500 only.
  @Test func uncertainFiguresAreStaleInSparkplug() {
    var node = node()
    node.update(record(quality: .uncertain))
    node.update(final: record(quality: .uncertain))
    let open = births(&node)[1].payload.metrics.first { $0.name == "hour/units" }
    let closed = changes(&node).flatMap(\.payload.metrics).first { $0.alias == open?.alias }
    #expect(open?.properties.contains(.quality(.stale)) == true)
    #expect(closed?.properties.contains(.quality(.stale)) == true)
  }

  @Test func theBirthSequenceIsTheNodeAndThenItsDevices() {
    var node = node()
    node.update(record(.site, "plant-a"))
    node.update(record(.workstation, "S1"))
    node.update(record(.worker, "W1"))
    node.update(
      SparkplugCamera(cameraID: "c1", status: .online, events: 5, lastEventMs: nil), countsToo: true,
      nowMs: nowMs)
    let messages = births(&node)
    #expect(
      messages.map(\.topic) == [
        "spBv1.0/plant-a/NBIRTH/b1", "spBv1.0/plant-a/DBIRTH/b1/workstation-S1",
        "spBv1.0/plant-a/DBIRTH/b1/worker-W1", "spBv1.0/plant-a/DBIRTH/b1/camera-c1",
      ])
    #expect(messages.map(\.payload.sequence) == [0, 1, 2, 3])
    #expect(
      value(messages[0], "bdSeq") == .int64(3)
        && value(messages[0], "Node Control/Rebirth") == .boolean(false))
    #expect(value(messages[0], "hour/units") == .int64(3))
    #expect(value(messages[2], "state") == .string("working"))
    #expect(value(messages[3], "events") == .int64(5) && value(messages[3], "last_event") == .null)
    for message in messages {
      #expect(message.payload.timestampMs == nowMs)
      #expect(
        message.payload.metrics.allSatisfy { $0.timestampMs != nil && $0.dataType != nil && $0.name != nil })
      #expect(
        message.payload.metrics.allSatisfy { $0.value.dataType == nil || $0.value.dataType == $0.dataType })
      let times = message.payload.metrics.compactMap(\.timestampMs)
      #expect(times == times.sorted())
    }
    let aliases = messages.flatMap { $0.payload.metrics.compactMap(\.alias) }
    #expect(Set(aliases).count == aliases.count)
    let nameless = messages.flatMap(\.payload.metrics).filter { $0.alias == nil }
    #expect(nameless.map(\.name) == ["bdSeq", "Node Control/Rebirth"])
  }

  @Test func onlyWhatChangedIsSentAndByAlias() throws {
    var node = node()
    node.update(record(values: [.units: 3, .working: 60_000, .utilization: 8333]))
    let birth = births(&node)[1]
    #expect(
      value(birth, "hour/working_s") == .double(60) && value(birth, "hour/utilization_pct") == .double(83.33))
    node.update(record(values: [.units: 3, .working: 65_000, .utilization: 8333], nowMs: nowMs + 5000))
    let messages = changes(&node, nowMs: nowMs + 5000)
    #expect(messages.map(\.topic) == ["spBv1.0/plant-a/DDATA/b1/worker-W1"])
    let metric = try #require(messages[0].payload.metrics.first)
    #expect(
      messages[0].payload.metrics.count == 1 && metric.value == .double(65)
        && metric.timestampMs == nowMs + 5000)
    #expect(metric.name == nil && metric.dataType == nil)
    #expect(metric.alias == birth.payload.metrics.first { $0.name == "hour/working_s" }?.alias)
    #expect(changes(&node, nowMs: nowMs + 6000).isEmpty)
  }

  private func record(values: [KPIMetric: Int64], nowMs: Int64? = nil) -> KPIRecord {
    record(.worker, "W1", values, nowMs: nowMs)
  }

  @Test func whatCannotBeComputedIsNullAndNeitherMissingNorZero() throws {
    var node = node()
    node.update(record())
    let birth = births(&node)[1]
    #expect(value(birth, "hour/utilization_pct") == .null)
    node.update(record(values: [.units: 3, .utilization: 10_000]))
    #expect(changes(&node).first?.payload.metrics.map(\.value) == [.double(100)])
    node.update(record())
    #expect(changes(&node).first?.payload.metrics.map(\.value) == [.null])
  }

  @Test func unitsRangesAndQualityAreProperties() throws {
    var node = node()
    node.update(record(quality: .stale))
    let birth = births(&node)[1]
    let metric = try #require(birth.payload.metrics.first { $0.name == "hour/utilization_pct" })
    #expect(
      metric.properties == [
        SparkplugProperty("Quality", .int32(500)), SparkplugProperty("engUnit", .string("%")),
        SparkplugProperty("engLow", .double(0)), SparkplugProperty("engHigh", .double(100)),
      ])
    node.update(record(quality: .good))
    let data = changes(&node)
    let good = data[0].payload.metrics.allSatisfy { $0.properties == [.quality(.good)] }
    #expect(good && data[0].payload.metrics.count > 10)
  }

  @Test func sequenceNumbersGoOnFromZeroAfter255AndRestartWithABirth() {
    var node = node()
    node.update(record())
    _ = births(&node)
    var numbers: [UInt8] = []
    for step in 1...300 {
      node.update(record(values: [.units: Int64(step + 3)]))
      numbers += changes(&node).compactMap(\.payload.sequence)
    }
    #expect(numbers.count == 300 && numbers.first == 2)
    for (left, right) in zip(numbers, numbers.dropFirst()) { #expect(right == left &+ 1) }
    #expect(births(&node).map(\.payload.sequence) == [0, 1])
  }

  @Test func aRebirthRepeatsNumberAliasesAndValues() {
    var node = node()
    node.update(record())
    let first = births(&node)
    let again = births(&node)
    #expect(first == again)
  }

  @Test func aWorkerWhoIsGoneFromAllWindowsDiesAndComesBack() {
    var node = node()
    node.update(record())
    _ = births(&node)
    let endMs = Self.startMs + Self.hourMs
    node.update(record(nowMs: endMs))
    #expect(changes(&node, nowMs: endMs).map(\.verb) == [.deviceData])
    #expect(changes(&node, nowMs: endMs + 59_999).isEmpty)
    let death = changes(&node, nowMs: endMs + 60_000)
    #expect(death.map(\.topic) == ["spBv1.0/plant-a/DDEATH/b1/worker-W1"])
    #expect(death[0].payload.metrics.isEmpty && death[0].payload.sequence == 3)
    #expect(changes(&node, nowMs: endMs + 70_000).isEmpty)
    #expect(births(&node, nowMs: endMs + 70_000).map(\.verb) == [.nodeBirth])
    node.update(record(startMs: endMs, nowMs: endMs + 80_000))
    #expect(changes(&node, nowMs: endMs + 80_000).map(\.verb) == [.deviceBirth])
  }

  @Test func aCameraThatIsOfflineIsDeadAndAnUnknownOneIsNot() {
    var node = node()
    func update(_ status: CameraStatus) {
      node.update(
        SparkplugCamera(cameraID: "c1", status: status, events: 5, lastEventMs: 1), countsToo: true,
        nowMs: nowMs)
    }
    update(.unknown)
    #expect(births(&node).count == 2)
    update(.offline)
    #expect(changes(&node).map(\.verb) == [.deviceDeath])
    update(.offline)
    #expect(changes(&node).isEmpty)
    update(.online)
    let birth = changes(&node)
    #expect(birth.map(\.verb) == [.deviceBirth] && value(birth.first, "status") == .string("online"))
  }

  @Test func aClosedWindowIsHistoryAtItsLastMillisecond() throws {
    var node = node()
    node.update(record())
    let birth = births(&node)[1]
    let endMs = Self.startMs + Self.hourMs
    node.update(final: record(values: [.units: 9], nowMs: endMs))
    let messages = changes(&node)
    #expect(messages.map(\.verb) == [.deviceData])
    let metrics = messages[0].payload.metrics
    #expect(
      metrics.allSatisfy {
        $0.isHistorical && $0.timestampMs == endMs - 1 && $0.alias != nil && $0.name == nil
      })
    let alias = birth.payload.metrics.first { $0.name == "hour/units" }?.alias
    #expect(metrics.first { $0.alias == alias }?.value == .int64(9))
    // The current value is unchanged.
    #expect(changes(&node).isEmpty && value(births(&node)[1], "hour/units") == .int64(3))
  }

  @Test func historyOfADeviceThatIsGoneIsToldBetweenItsBirthAndItsDeath() {
    var node = node()
    _ = births(&node)
    node.update(final: record(.worker, "W9", [.units: 1], nowMs: Self.startMs + Self.hourMs))
    #expect(changes(&node).map(\.verb) == [.deviceBirth, .deviceData, .deviceDeath])
  }

  @Test func historyThatNobodyHearsIsBounded() {
    var node = node()
    for number in 0...SparkplugNode.historyLimit {
      node.update(final: record(.site, "p", [.units: Int64(number)]))
    }
    #expect(node.droppedHistory == Int64(SparkplugNode.historyLimit / 10))
    _ = births(&node)
    #expect(changes(&node).count == SparkplugNode.historyLimit * 9 / 10 + 1)
  }

  @Test func theAlertOfACameraIsOnItsDeviceAndCanBeAcknowledged() throws {
    var node = node()
    node.update(
      SparkplugAlarm(
        cameraID: "c1", state: "unack_active", isActive: true, isAcked: false, severity: 600, value: 0.65,
        limit: 0.75, samples: 100, modelVersion: "v1", raisedMs: 5, isStale: false, message: "m", nowMs: nowMs
      ))
    let birth = births(&node)[1]
    #expect(value(birth, "alert/drift/state") == .string("unack_active"))
    #expect(
      value(birth, "alert/drift/value") == .double(0.65) && value(birth, "alert/drift/ack") == .boolean(false)
    )
    let alias = try #require(birth.payload.metrics.first { $0.name == "alert/drift/ack" }?.alias)
    func camera(_ write: SparkplugCommand.Write, device: String = "camera-c1") -> String? {
      var command = SparkplugCommand(payload: [])!
      command.writes = [write]
      return node.acknowledgement(command, device: device)
    }
    #expect(camera(.init(alias: alias, boolean: true)) == "c1")
    #expect(camera(.init(name: "alert/drift/ack", boolean: true)) == "c1")
    #expect(camera(.init(alias: alias, boolean: false)) == nil && camera(.init(alias: alias)) == nil)
    #expect(camera(.init(alias: alias + 1, boolean: true)) == nil)
    #expect(camera(.init(alias: alias, boolean: true), device: "camera-c2") == nil)
    #expect(camera(.init(alias: alias, boolean: true), device: "worker-c1") == nil)
  }

  private static let layout = SiteLayout(areas: [
    SiteLayout.Area(id: "hall", lines: [SiteLayout.Line(id: "line", workstations: ["S1"])])
  ])

  /// A birth must name every metric that will ever come, so no record may have more than the model knows.
  /// Without shifts none plans time, so there is no place for what is planned.
  @Test(arguments: [true, false]) func theModelHasAPlaceForEveryFigureOfEveryScope(hasShifts: Bool) {
    let model = SparkplugModel(windows: WindowKind.allCases, hasShifts: hasShifts)
    let startMs = Self.startMs
    let calculator = KPICalculator(siteID: "p", stateTimeoutMs: 600_000)
    let planned = hasShifts ? PlannedTime([startMs..<startMs + 9000]) : nil
    for kind in WindowKind.allCases where kind != .shift || hasShifts {
      let events = [
        Event(
          timestampMs: startMs + 1, workerID: "W1", workstationID: "S1", kind: .working,
          confidencePpm: 900_000,
          count: 0, eventID: ""),
        Event(
          timestampMs: startMs + 5000, workerID: "W1", workstationID: "S1", kind: .productCount,
          confidencePpm: nil, count: 2, eventID: ""),
      ]
      let records = calculator.records(
        window: SiteWindow(
          Window(kind: kind, startMs: startMs, endMs: startMs + Self.hourMs, planned: planned),
          layout: Self.layout),
        nowMs: startMs + 10_000,
        histories: [WorkerHistory(workerID: "W1", events: events, lastCameraID: "c")], offlineCameras: [],
        stops: hasShifts ? ["S1": StopTotals()] : nil)
      #expect(records.count == 5)
      for record in records {
        let layout: SparkplugModel.Layout =
          switch record.scope {
          case .site: model.node
          case .area: model.layout(of: .area)
          case .line: model.layout(of: .line)
          case .workstation: model.layout(of: .workstation)
          case .worker: model.layout(of: .worker)
          }
        let known = Set(layout.windows[kind].map { Array($0.metrics.keys) } ?? [])
        #expect(known == Set(record.values.map(\.metric)), "\(record.scope) \(kind)")
      }
    }
  }

  @Test func anOlderStateOfThePrimaryHostIsIgnored() {
    var host = SparkplugPrimaryHost()
    #expect(!host.isOnline)
    #expect(host.update(online: true, timestampMs: 100) == .online && host.isOnline)
    #expect(host.update(online: false, timestampMs: 99) == .ignore && host.isOnline)
    #expect(host.update(online: false, timestampMs: 100) == .offline && !host.isOnline)
    #expect(host.update(online: true, timestampMs: 99) == .ignore && !host.isOnline)
    #expect(host.update(online: true, timestampMs: 100) == .online)
    host.disconnected()
    #expect(!host.isOnline)
  }

  @Test func topicsAreTheSpecifications() {
    let topics = SparkplugTopics(group: "g", node: "n")
    #expect(topics.nodeCommand == "spBv1.0/g/NCMD/n" && topics.deviceCommandFilter == "spBv1.0/g/DCMD/n/+")
    #expect(topics.device(ofCommand: "spBv1.0/g/DCMD/n/camera-1") == "camera-1")
    #expect(topics.device(ofCommand: "spBv1.0/g/DCMD/m/camera-1") == nil)
    #expect(SparkplugTopics.state(host: "h") == "spBv1.0/STATE/h")
  }
}
