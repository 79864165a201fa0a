extension SparkplugAlarm {
  /// Nil for alarms of rules other than `confidence_low`.
  public init?(_ record: AlarmRecord) {
    let (key, measure) = (record.machine.key, record.machine.measure)
    guard key.rule == .confidenceLow else { return nil }
    // An occurrence that is cleared and acknowledged is no longer shown.
    let shown = record.machine.occurrence.flatMap { $0.clearedMs != nil && $0.isAcked ? nil : $0 }
    let scale = (0..<measure.digits).reduce(1.0) { scale, _ in scale * 10 }
    self.init(
      cameraID: key.sourceID, state: record.state.rawValue, isActive: record.state.isActive,
      isAcked: shown?.isAcked ?? false, severity: record.machine.severity,
      value: measure.value.map { Double($0) / scale }, limit: measure.limit.map { Double($0) / scale },
      samples: Int64(measure.samples ?? 0), modelVersion: key.modelVersion, raisedMs: shown?.raisedMs,
      isStale: record.machine.isStale, message: AlarmMessage.text(record), nowMs: record.nowMs)
  }
}
