import AndonCore
import TestSupport
import Testing

@Suite struct AlarmRecordTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private func detector(_ stream: DriftStream) -> DriftDetector {
    var series = DriftSeries(settings: DetectorSettings())
    for sample in stream.samples { _ = series.apply(sample) }
    return series.detector
  }

  private func machine(_ stream: DriftStream, version: String = "yolov8-1.2.0") -> AlarmStateMachine {
    let detector = detector(stream)
    let key = AlarmKey(rule: .confidenceLow, sourceID: "cam-01", modelVersion: version)
    var machine = AlarmStateMachine(key: key, measure: detector.measure(of: .confidenceLow))
    switch detector.state(of: .confidenceLow) {
    case .pending(let since):
      _ = machine.apply(pendingSinceMs: since, measure: machine.measure, nowMs: stream.nowMs)
    case .active(let since, let raised):
      _ = machine.raise(
        Episode(key: key, sinceMs: since, raisedMs: raised, valuePpm: nil, after: nil), site: "plant-a",
        as: .page, measure: machine.measure, nowMs: stream.nowMs)
    default: break
    }
    return machine
  }

  private func record(_ stream: DriftStream, version: String = "yolov8-1.2.0") -> AlarmRecord {
    AlarmRecord(siteID: "plant-a", machine: machine(stream, version: version), nowMs: stream.nowMs)
  }

  /// Low from the hundredth sample on; raised 3 610 s later.
  private var active: DriftStream {
    var stream = DriftStream()
    stream.add(100 + 361, 715_000, everyMs: 10_000)
    return stream
  }

  @Test func anActiveAlertInFull() {
    let sinceMs = DriftStream.startMs + 990_000
    #expect(
      text(record(active).json()) == """
        {"timestamp_ms":1795223800000,"ts":"2026-11-21T01:16:40.000Z","site_id":"plant-a",\
        "alert_id":"plant-a/drift/cam-01","occurrence_id":"43abe74a8b84bcbd","class":"drift",\
        "source_id":"cam-01","rule":"confidence_low","state":"unack_active","active":true,"acked":false,\
        "shelved":false,"stale":false,"insufficient_data":false,"severity":600,"priority":"medium",\
        "metric":"confidence_mean","value":0.71,"limit":0.75,"clear_limit":0.78,"samples":100,\
        "model_version":"yolov8-1.2.0","since_ms":\(sinceMs),"raised_ms":\(sinceMs + 3_610_000),"rev":1,\
        "action_id":"check_picture","action":"Look at the camera's picture: lens, light and position. If they are as \
        ever, check its model.","message":"cam-01: mean confidence 0.71 over the last 100 events, below 0.75 for 1 h 00 min"}
        """)
  }

  @Test func aRowOfTheJournalSaysWhatHappened() {
    var machine = machine(active)
    let row = machine.acknowledge(by: "m.rossi", comment: #"lens "cleaned""#, nowMs: 1)[0]
    let json = text(AlarmRecord(siteID: "plant-a", transition: row).json())
    #expect(json.contains(#""state":"acked_active","active":true,"acked":true"#))
    #expect(
      json.contains(
        #""rev":2,"action_id":"check_picture","action":"\#(AlarmAction.checkPicture.text)","event":"acknowledged","from_state":"unack_active","page":false,"at_ms":1,"by":"m.rossi","by_verified":false,"comment":"lens \"cleaned\"","#
      ))
  }

  /// Panels fix the type of a key by the first alert they see, of any rule.
  @Test func alsoAWholeFigureHasAPoint() {
    let machine = AlarmStateMachine(
      key: AlarmKey(rule: .cameraSilent, sourceID: "cam-01"),
      measure: AlarmMeasure(metric: "silent_s", value: 840, limit: 600, digits: 0))
    let json = text(AlarmRecord(siteID: "plant-a", machine: machine, nowMs: 1).json())
    #expect(json.contains(#""value":840.0,"limit":600.0"#))
  }

  @Test func aPendingAlertHasNoRaise() {
    var stream = DriftStream()
    stream.add(100 + 30, 715_000, everyMs: 10_000)
    let json = text(record(stream).json())
    #expect(json.contains(#""state":"pending","active":false"#))
    #expect(json.contains(#""since_ms":\#(DriftStream.startMs + 990_000)"#))
    #expect(json.contains(#""occurrence_id":"43abe74a8b84bcbd""#), "it will be that occurrence")
    #expect(!json.contains("raised_ms"))
    #expect(json.contains("below 0.75 for 5 min"))
  }

  @Test func aNormalOneHasNeitherBeginningNorOccurrence() {
    var stream = DriftStream()
    stream.add(100, 889_999, everyMs: 10_000)
    let json = text(record(stream).json())
    #expect(json.contains(#""state":"normal","active":false"#) && json.contains(#""value":0.88,"#))
    for absent in ["since_ms", "raised_ms", "occurrence_id", "null"] { #expect(!json.contains(absent)) }
    #expect(json.hasSuffix(#""message":"cam-01: mean confidence 0.88 over the last 100 events"}"#))
  }

  @Test func withTooFewSamplesThereIsNoValue() {
    var stream = DriftStream()
    stream.add(42, 500_000, everyMs: 10_000)
    let json = text(record(stream).json())
    #expect(json.contains(#""insufficient_data":true"#) && !json.contains(#""value""#))
    #expect(json.hasSuffix(#""message":"cam-01: 42 events so far, too few for a verdict"}"#))
  }

  @Test func anAlertOnItsWayBackDoesNotClaimToBeLow() {
    var stream = active
    stream.add(100, 760_000, everyMs: 10_000)
    let json = text(record(stream).json())
    #expect(json.contains("mean confidence 0.76 over the last 100 events, was below 0.75 for"))
    #expect(json.hasSuffix(#", clears at 0.78"}"#))
  }

  @Test func aQuoteInAModelVersionIsEscaped() {
    #expect(text(record(active, version: #"a"b\c"#).json()).contains(#""model_version":"a\"b\\c""#))
  }

  @Test func theWorstVersionIsShown() {
    func stream(_ count: Int, _ ppm: Int32) -> DriftStream {
      var stream = DriftStream()
      stream.add(count, ppm, everyMs: 10_000)
      return stream
    }
    let fromBadToGood = [
      record(stream(461, 700_000), version: "active-lower"), record(stream(461, 720_000), version: "active"),
      record(stream(130, 600_000), version: "pending-lower"),
      record(stream(130, 740_000), version: "pending"),
      record(stream(100, 760_000), version: "normal-lower"), record(stream(100, 900_000), version: "normal"),
      record(stream(5, 100_000), version: "new"),
    ]
    var random = DriftRandom(seed: Seed.one)
    for first in fromBadToGood.indices {
      let worst = AlarmRecord.worst(of: fromBadToGood[first...].shuffled(using: &random))
      #expect(worst?.machine.key.modelVersion == fromBadToGood[first].machine.key.modelVersion)
    }
    #expect(AlarmRecord.worst(of: []) == nil)
  }

  @Test func theStatesHaveTheirNames() {
    #expect(
      AlarmState.allCases.map(\.rawValue) == [
        "normal", "pending", "unack_active", "acked_active", "rtn_unack", "shelved",
      ])
  }

  @Test func aModelVersionBecomesATopicLevel() {
    let key = AlarmKey(rule: .siteModel, sourceID: "yolo v8/1.2+#é", modelVersion: "")
    #expect(key.topicSource == "yolo_v8_1.2___")
    #expect(AlarmKey(rule: .siteModel, sourceID: "").topicSource == "_")
  }

  @Test func theSummaryCountsEveryStateAndLightsTheLampForActiveOnes() {
    let none = AlarmSummary(siteID: "plant-a", nowMs: DriftStream.startMs, records: [])
    #expect(
      text(none.json()) == """
        {"timestamp_ms":1795219200000,"ts":"2026-11-21T00:00:00.000Z","site_id":"plant-a","active":0,\
        "unacked":0,"pending":0,"shelved":0,"highest_severity":0,"highest_priority":"none"}
        """)
    var acked = record(active)
    _ = acked.machine.acknowledge(by: "x", comment: nil, nowMs: 1)
    var shelved = record(active)
    _ = shelved.machine.shelve(untilMs: 9, by: "x", reason: "y", nowMs: 1)
    var returned = record(active)
    _ = returned.machine.clear(endedMs: 1, measure: returned.machine.measure, nowMs: 1)
    var pending = DriftStream()
    pending.add(130, 715_000, everyMs: 10_000)
    let summary = AlarmSummary(
      siteID: "plant-a", nowMs: 0, records: [record(active), acked, shelved, returned, record(pending)])
    #expect(summary.active == 2 && summary.unacked == 2 && summary.pending == 1 && summary.shelved == 1)
    #expect(text(summary.json()).hasSuffix(#""highest_severity":600,"highest_priority":"medium"}"#))
  }
}
