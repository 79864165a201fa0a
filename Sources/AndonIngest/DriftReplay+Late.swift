import AndonCore
import AndonStore

/// Late samples: they cost what they change, not what came after them.
///
/// The rules that judge sample by sample forget a sample once it has left their window: from the checkpoint before a
/// late sample on, they are applied again only until they are in the state that the next checkpoint has. The hourly
/// rules are applied again to the closed hours behind it, not to samples. The result equals a recompute from the
/// first sample.
extension DriftReplay {
  /// Applies samples that lie before the detector's last one and are in the table already, in order. Returns false
  /// when the key must be recomputed from its first sample.
  ///
  /// Cost: about a checkpoint's distance of samples for each late one, and the closed hours behind the first.
  mutating func insert(_ late: [DriftSample], settings: DetectorSettings) throws -> Bool {
    guard let head = detector, let firstMs = head.firstSampleMs, let oldest = late.first,
      oldest.timestampMs >= firstMs, let hours = try insertIntoHours(late, head),
      let samples = try insertIntoSamples(late, head.samples, settings: settings)
    else { return false }
    detector = DriftDetector(samples: samples, hours: hours.rules, openHour: hours.open)
    mustSave = true
    return true
  }

  // MARK: Hours

  private mutating func insertIntoHours(
    _ late: [DriftSample], _ head: DriftDetector
  ) throws -> (rules: HourRules, open: HourSum)? {
    guard var open = head.openHour, let firstHour = head.firstSampleMs.map(HourSum.hour) else { return nil }
    var closed: [DriftSample] = []
    for sample in late {
      if HourSum.hour(of: sample.timestampMs) < open.hour {
        closed.append(sample)
      } else {
        open.add(sample, gatePpm: head.settings.gatePpm)
      }
    }
    guard let changed = closed.first.map({ HourSum.hour(of: $0.timestampMs) }) else {
      return (head.hours, open)
    }
    var start = (hour: firstHour - 1, rules: HourRules())
    if changed > firstHour {
      guard let sound = try transaction.driftHourRules(key, before: changed), sound.hour >= firstHour else {
        return nil
      }
      start = sound
    }
    let rules = try replayHours(
      after: start, firstHour: firstHour, before: open.hour, adding: closed,
      gatePpm: head.settings.gatePpm)
    return (rules, open)
  }

  /// Applies the hourly rules to the closed hours behind `start`, with the late samples added, and saves the hours
  /// that changed.
  private mutating func replayHours(
    after start: (hour: Int64, rules: HourRules), firstHour: Int64, before end: Int64,
    adding late: [DriftSample], gatePpm: Int32
  ) throws -> HourRules {
    let from = start.hour + 1
    let windowStart = from - HourRules.lookBackHours
    let stored = try transaction.driftHoursWithRules(key, from..<end)
    var sums = Dictionary(uniqueKeysWithValues: stored.map { ($0.sum.hour, $0.sum) })
    for sample in late {
      let hour = HourSum.hour(of: sample.timestampMs)
      sums[hour, default: HourSum(hour: hour)].add(sample, gatePpm: gatePpm)
    }
    let known = Dictionary(uniqueKeysWithValues: stored.map { ($0.sum.hour, $0) })
    var history = HourHistory()
    for hour in try transaction.driftHours(key, windowStart..<from) { history.append(hour) }
    var rules = start.rules
    var steps: [RuleStep] = []
    for hour in sums.keys.sorted() {
      guard let sum = sums[hour] else { continue }
      steps += try rules.close(sum, firstHour: firstHour) { range in
        // Hours before the window have not changed.
        range.lowerBound < windowStart ? try transaction.driftHours(key, range) : history.between(range)
      }
      history.append(sum)
      if known[hour].map({ $0.sum != sum || $0.rules != rules }) ?? true {
        try transaction.saveDriftHour(key, sum, rules)
      }
    }
    // An hour is judged at its end.
    try replace(steps, of: HourRules.rules, from: (from + 1) * HourSum.milliseconds, to: .max)
    return rules
  }

  // MARK: Samples

  private mutating func insertIntoSamples(
    _ late: [DriftSample], _ head: SampleRules, settings: DetectorSettings
  ) throws -> SampleRules? {
    guard let stream, let headMs = head.lastMs else { return nil }
    var waiting = late[...]
    var newHead = head
    while let next = waiting.first {
      let start = try transaction.driftCheckpoint(key, atOrBefore: next.timestampMs, settings)
      let fromMs = start?.atMs ?? .min
      var rerun = SampleRerun(
        key: key, rules: start?.rules ?? SampleRules(settings: settings), waiting: waiting, headMs: headMs,
        settings: settings, transaction: transaction)
      try rerun.run(try SampleParts(stream, fromMs: fromMs, newer: newer, transaction), fromMs: fromMs)
      // The lists are the truth: a late sample that is not among them must not be counted.
      guard rerun.waiting.first != next else { return nil }
      waiting = rerun.waiting
      try replace(rerun.steps, of: SampleRules.rules, from: fromMs, to: rerun.endMs ?? .max)
      if rerun.endMs == nil { newHead = rerun.rules }
    }
    return newHead
  }

  /// Replaces the steps of `[from, to)` in the lists of episodes.
  private mutating func replace(
    _ steps: [RuleStep], of rules: [AlarmRule], from: Int64, to: Int64
  ) throws {
    for rule in rules {
      try load(rule, fromMs: from)
      guard let list = lists[rule] else { continue }
      let own = steps.filter { $0.rule == rule }
      lists[rule] = (list.old, list.new.replaced(from: from, to: to, with: own))
    }
  }
}
