import AndonCore
import AndonStore

/// `data_gap` of a camera: numbers of its count are missing for a time.
extension SiteAlarms {
  /// What is missing of one camera and calls.
  private struct Loss {
    /// The times around what is missing, epoch milliseconds of the camera's clock.
    var times: Range<Int64>
    var count: Int64

    mutating func join(_ other: Loss) {
      let (from, to) = (times.lowerBound, times.upperBound)
      times = min(from, other.times.lowerBound)..<max(to, other.times.upperBound)
      count = min(count + other.count, SequenceNumber.largest)
    }
  }

  mutating func judgeMissing(_ context: TickContext, siteGaps: [GapRow], nowMs: Int64) {
    for camera in context.cameras where camera.sequence?.isComplete == false {
      let key = AlarmKey(rule: .dataGap, sourceID: camera.cameraID)
      guard let loss = loss(of: camera, context, nowMs: nowMs) else {
        set(key, isOn: false, Self.measure(nil), nowMs: nowMs)
        continue
      }
      // While the bridge was away, the missing numbers may have waited at the broker.
      guard manager.open[key] == nil, let listening = context.listeningSinceMs,
        nowMs - listening >= context.sequenceGapAfterMs
      else { continue }
      set(
        key, isOn: true, sinceMs: min(loss.times.lowerBound, nowMs),
        attachedTo: cause(of: loss, camera.cameraID, siteGaps: siteGaps, nowMs: nowMs), Self.measure(loss),
        nowMs: nowMs)
    }
    // Of those whose last number came.
    for camera in context.cameras where camera.sequence?.isComplete == true {
      let key = AlarmKey(rule: .dataGap, sourceID: camera.cameraID)
      if key.sourceID != bridgeID { set(key, isOn: false, Self.measure(nil), nowMs: nowMs) }
    }
  }

  /// What has been missing for long enough since a person acknowledged the last loss.
  ///
  /// Outside planned time nothing is expected of a camera, so what was missed there does not page. A camera that
  /// sends with QoS 0 loses events as a matter of its settings: that is shown for as long as it does.
  private func loss(of camera: CameraRow, _ context: TickContext, nowMs: Int64) -> Loss? {
    guard let sequence = camera.sequence, !camera.isAtMostOnce(atMs: nowMs) else { return nil }
    let dueMs = nowMs - context.sequenceGapAfterMs
    let planned = context.shift(ofCamera: camera.cameraID).planned
    var sum: Loss?
    func add(_ loss: Loss) {
      guard planned.map({ $0.durationMs(in: loss.times) > 0 }) ?? true else { return }
      sum?.join(loss)
      sum = sum ?? loss
    }
    for range in sequence.open
    where range.openedMs > sequence.acknowledgedMs && range.openedMs <= dueMs {
      add(Loss(times: range.times, count: range.count))
    }
    // What was given up will not come. After an acknowledgement it calls again no sooner than a range would.
    if let lately = sequence.lately, lately.notedMs > sequence.acknowledgedMs,
      sequence.acknowledgedMs <= dueMs
    {
      add(Loss(times: lately.times, count: lately.count))
    }
    return sum
  }

  private static func measure(_ loss: Loss?) -> AlarmMeasure {
    guard let loss else { return AlarmMeasure(metric: "gap_s", value: 0, digits: 0) }
    var measure = AlarmMeasure(
      metric: "gap_s", value: (loss.times.upperBound - loss.times.lowerBound) / 1000, digits: 0)
    measure.note =
      loss.count == 1
      ? "one of its events did not arrive, by its number"
      : "\(loss.count) of its events did not arrive, by their numbers"
    return measure
  }

  /// The alarm that a person has already got for the same cause, so that this one does not page: of the bridge, if the
  /// whole site had a gap then; of the camera, if it was away then; of another camera that missed events at that time.
  private func cause(
    of loss: Loss, _ camera: String, siteGaps: [GapRow], nowMs: Int64
  ) -> AlarmKey? {
    let times = loss.times.lowerBound - Self.slackMs..<loss.times.upperBound + Self.slackMs
    if siteGaps.contains(where: { times.overlaps($0.fromMs..<$0.toMs + 1) }) {
      return AlarmKey(rule: .dataGap, sourceID: bridgeID)
    }
    for rule in [AlarmRule.cameraOffline, .cameraSilent] {
      let key = AlarmKey(rule: rule, sourceID: camera)
      guard let occurrence = manager.machines[key]?.occurrence else { continue }
      let end = max(occurrence.clearedMs ?? nowMs, occurrence.sinceMs)
      if times.overlaps(occurrence.sinceMs..<end + 1) { return key }
    }
    return manager.open.values.filter { other in
      other.key.rule == .dataGap && other.key.sourceID != bridgeID
        && nowMs - other.raisedMs <= Self.togetherMs
        && manager.machines[other.key]?.occurrence?.attachedTo == nil
        && times.overlaps(other.sinceMs..<max(other.sinceMs, other.raisedMs) + 1)
    }.map(\.key).min()
  }

  /// The clocks of cameras and bridge differ by so much.
  private static let slackMs: Int64 = 60_000
  /// Cameras that miss events for one cause raise within this time.
  private static let togetherMs: Int64 = 120_000
}
