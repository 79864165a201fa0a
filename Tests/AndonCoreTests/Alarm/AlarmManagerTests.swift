import AndonCore
import TestSupport
import Testing

@Suite struct AlarmManagerTests {
  private let cam1 = DriftKey(cameraID: "cam-01", modelVersion: "v1")
  private let hour = DriftStream.hourMs

  /// Good samples, then low ones for so long; one sample every ten seconds.
  private func stream(good: Int = 500, low: Int, lowPpm: Int32 = 600_000, goodAgain: Int = 0) -> [DriftSample]
  {
    var stream = DriftStream()
    stream.add(good, 880_000, everyMs: 10_000)
    stream.add(low, lowPpm, everyMs: 10_000)
    stream.add(goodAgain, 880_000, everyMs: 10_000)
    return stream.samples
  }

  /// Takes the samples live: each batch of ten is received at the time of its last sample.
  private func live(_ samples: [DriftSample], _ site: inout MemorySite, _ key: DriftKey? = nil) {
    var index = 0
    while index < samples.count {
      let batch = Array(samples[index..<min(index + 10, samples.count)])
      site.apply(batch, key ?? cam1, nowMs: batch[batch.count - 1].timestampMs + 100)
      index += 10
    }
  }

  @Test func aLiveDriftCallsOnce() {
    var site = MemorySite()
    live(stream(low: 500), &site)
    #expect(site.kinds() == [.pending, .raised])
    #expect(site.pages.count == 1 && site.state(cam1) == .unackActive)
    live(stream(low: 500, goodAgain: 400).suffix(400).map(\.self), &site)
    #expect(site.kinds() == [.pending, .raised, .cleared] && site.state(cam1) == .rtnUnack)
  }

  @Test func aBacklogOfAnEndedOcclusionCallsNobody() {
    var site = MemorySite()
    let samples = stream(low: 1080, goodAgain: 500)
    let nowMs = samples[samples.count - 1].timestampMs + 3 * hour
    // The backlog arrives in order, in batches, within seconds: in the middle of it the occlusion seems to
    // last.
    var index = 0
    while index < samples.count {
      site.apply(Array(samples[index..<min(index + 100, samples.count)]), cam1, nowMs: nowMs + Int64(index))
      site.tick(nowMs + Int64(index))
      index += 100
    }
    site.tick(nowMs + 60_000)
    #expect(site.pages.isEmpty)
    #expect(site.kinds().filter { $0 != .pending && $0 != .withdrawn } == [.historical])
    #expect(site.state(cam1) == .normal && site.low.count == 1)
  }

  @Test func aBacklogOfATroubleThatGoesOnCallsOnceItIsDrained() {
    var site = MemorySite()
    let samples = stream(low: 1080)
    let nowMs = samples[samples.count - 1].timestampMs + hour
    site.apply(samples, cam1, nowMs: nowMs)
    #expect(site.pages.isEmpty && site.state(cam1) == .pending)
    site.tick(nowMs + 9_999)
    #expect(site.pages.isEmpty)
    site.tick(nowMs + 10_000)
    #expect(site.pages.count == 1 && site.state(cam1) == .unackActive)
  }

  /// At 30 events an hour a window of 100 stays low for hours after an occlusion of 45 min.
  @Test func whatIsOverCallsNobodyThoughTheMeanIsStillLow() {
    var site = MemorySite()
    var stream = DriftStream()
    stream.add(200, 880_000, everyMs: 120_000)
    stream.add(30, 300_000, everyMs: 120_000)
    stream.add(200, 880_000, everyMs: 120_000)
    for sample in stream.samples {
      site.apply([sample], cam1, nowMs: sample.timestampMs)
      site.tick(sample.timestampMs + 1000)
    }
    #expect(site.low.count == 1, "the rule sees it")
    #expect(site.pages.isEmpty && site.kinds() == [.pending, .historical, .withdrawn])
  }

  /// A dip while the window still contains the occlusion: the newest samples are low, the mean is above the
  /// limit.
  @Test func aDipAfterATroubleThatIsOverCallsNobody() {
    var site = MemorySite()
    var stream = DriftStream()
    stream.add(200, 880_000, everyMs: 120_000)
    stream.add(30, 300_000, everyMs: 120_000)
    stream.add(70, 880_000, everyMs: 120_000)
    stream.add(15, 700_000, everyMs: 120_000)
    let before = stream.samples.count
    stream.add(60, 880_000, everyMs: 120_000)
    for (index, sample) in stream.samples.enumerated() {
      site.apply([sample], cam1, nowMs: sample.timestampMs)
      site.tick(sample.timestampMs + 1000)
      guard index == before - 1 else { continue }
      let newest = stream.samples[..<before].suffix(20).reduce(0) { $0 + $1.confidencePpm } / 20
      #expect(newest < 750_000 && site.low.last?.isOpen == true)
      #expect(site.detectors[cam1]?.low.meanPpm.map { (750_000..<780_000).contains($0) } == true)
    }
    #expect(site.pages.isEmpty && site.low.count == 1)
  }

  /// A new version starts empty, and does not affect the alarm of the old one.
  @Test func aVersionSwitchIsJudgedOnItsOwn() {
    let cam2 = DriftKey(cameraID: "cam-01", modelVersion: "v2")
    var site = MemorySite()
    var old = DriftStream()
    old.add(500, 880_000, everyMs: 60_000)
    live(old.samples, &site)
    // Together with the old samples the mean would be 0.60 after 100 samples and 0.74 after 50.
    var new = DriftStream()
    new.add(99, 600_000, everyMs: 60_000)
    let samples = new.samples.map {
      DriftStream.sample($0.timestampMs + 501 * 60_000, $0.confidencePpm)
    }
    live(samples, &site, cam2)
    #expect(site.low.isEmpty && site.pages.isEmpty)
    #expect(site.detectors[cam2]?.state(of: .confidenceLow) == .insufficientData)
    #expect(site.detectors[cam1]?.low.meanPpm == 880_000)
    // With one more sample there is a verdict on the new version alone; an hour later it pages.
    let last = samples[98].timestampMs
    live((1...70).map { DriftStream.sample(last + Int64($0) * 60_000, 600_000) }, &site, cam2)
    #expect(site.low.map(\.key.modelVersion) == ["v2"] && site.pages.count == 1)
    // The old version is live again: it is healthy, and does not clear the new one's alarm.
    live((71...300).map { DriftStream.sample(last + Int64($0) * 60_000, 880_000) }, &site)
    #expect(site.state(cam1) == .normal && site.state(cam2) == .unackActive)
  }

  /// The clock decides whether an alarm pages, never which episodes there are.
  @Test(arguments: [-30, -2, 2, 30] as [Int64])
  func aClockThatJumpsChangesNoEpisode(hours: Int64) {
    let samples = stream(good: 300, low: 600, goodAgain: 600)
    var straight = MemorySite()
    live(samples, &straight)
    var jumping = MemorySite()
    for (index, sample) in samples.enumerated() {
      let jump = (400..<800).contains(index) ? hours * hour : 0
      jumping.apply([sample], cam1, nowMs: sample.timestampMs + jump)
      jumping.tick(sample.timestampMs + jump + 100)
    }
    #expect(jumping.episodes == straight.episodes && straight.low.count == 1)
    // The clock may repeat the page of an unacknowledged alarm, but never raise it again.
    func calls(_ site: MemorySite) -> Int { site.pages.count { $0.kind == .raised } }
    #expect(calls(straight) == 1 && calls(jumping) <= 1)
  }

  @Test func anEpisodeThatBeganMoreThanADayAgoIsHistory() {
    var site = MemorySite()
    let samples = stream(low: 1080)
    let nowMs = samples[samples.count - 1].timestampMs + 25 * hour
    site.apply(samples, cam1, nowMs: nowMs)
    site.tick(nowMs + 10_000)
    #expect(site.pages.isEmpty && site.kinds().last == .historical)
    #expect(site.state(cam1) == .unackActive, "it goes on, and the panel shows it")
  }

  @Test func aCameraThatIsAlwaysLateCallsInTheEnd() {
    var site = MemorySite()
    let samples = stream(low: 1080)
    var raisedMs: Int64?
    for sample in samples {
      // Twenty minutes late, and never quiet for long.
      let nowMs = sample.timestampMs + 20 * 60_000
      site.apply([sample], cam1, nowMs: nowMs)
      site.tick(nowMs)
      if raisedMs == nil, !site.pages.isEmpty { raisedMs = nowMs }
      if raisedMs != nil { break }
    }
    #expect(raisedMs != nil)
  }

  @Test func lateDataThatUndoAnEpisodeRetractIt() {
    var site = MemorySite()
    let samples = stream(low: 500)
    live(samples, &site)
    #expect(site.state(cam1) == .unackActive)
    // Between the low samples, good ones were queued in the camera.
    let late = samples.suffix(500).flatMap { sample in
      (1...3).map { DriftStream.sample(sample.timestampMs + Int64($0), 1_000_000, $0) }
    }
    site.apply(late, cam1, nowMs: samples[samples.count - 1].timestampMs + 5000)
    #expect(site.kinds().last == .retracted && site.state(cam1) == .normal)
    #expect(site.low.isEmpty && site.pages.count == 1)
  }

  @Test func lateDataThatMoveABeginningDoNotCallAgain() {
    var site = MemorySite()
    let samples = stream(low: 800)
    live(samples, &site)
    let before = site.low[0]
    // A few more low samples, earlier.
    let late = (0..<60).map {
      DriftStream.sample(samples[480].timestampMs + Int64($0) * 3000 + 1, 100_000, $0)
    }
    site.apply(late, cam1, nowMs: samples[samples.count - 1].timestampMs + 5000)
    #expect(site.low.count == 1 && site.low[0].sinceMs < before.sinceMs)
    #expect(site.kinds().last == .amended && site.pages.count == 1)
    #expect(
      site.manager.machines[before.key]?.occurrence?.id == site.low[0].occurrenceID(site: "plant-a"))
  }

  @Test func manyCamerasOnOneModelAreOneCall() {
    var site = MemorySite()
    let cameras = (1...6).map { DriftKey(cameraID: "cam-0\($0)", modelVersion: "v1") }
    let samples = stream(low: 700)
    var index = 0
    while index < samples.count {
      for (number, camera) in cameras.enumerated() {
        // A minute apart.
        let batch = samples[index..<min(index + 10, samples.count)].map {
          DriftStream.sample($0.timestampMs + Int64(number) * 60_000, $0.confidencePpm, index)
        }
        site.apply(batch, camera, nowMs: batch[batch.count - 1].timestampMs)
      }
      index += 10
    }
    #expect(site.pages.map(\.key.rule) == [.confidenceLow, .confidenceLow, .siteModel])
    #expect(site.journal.filter { $0.kind == .attached }.count == 2)
    let alarm = AlarmKey(rule: .siteModel, sourceID: "v1", modelVersion: "v1")
    #expect(site.manager.machines[alarm]?.state == .unackActive)
    let attached = cameras.compactMap {
      site.manager.machines[AlarmKey(rule: .confidenceLow, key: $0)]?.occurrence?.attachedTo
    }
    #expect(attached == Array(repeating: "plant-a/site_model/v1", count: 6))
    // An hour later only the site alarm pages again.
    site.tick(samples[samples.count - 1].timestampMs + 2 * hour)
    #expect(site.journal.filter { $0.kind == .renotify }.map(\.key.rule) == [.siteModel])
  }

  @Test func anAlertIdStandsForAllVersionsOfTheCamera() {
    var site = MemorySite()
    live(stream(low: 500), &site)
    live(stream(low: 500), &site, DriftKey(cameraID: "cam-01", modelVersion: "v2"))
    let keys = site.manager.keys(alertID: "plant-a/drift/cam-01")
    #expect(keys.map(\.modelVersion) == ["v1", "v2"])
    let isAny = site.manager.acknowledge(keys, by: "x", comment: nil, nowMs: 0)
    #expect(isAny && keys.allSatisfy { site.manager.machines[$0]?.state == .ackedActive })
    let again = site.manager.acknowledge(keys, by: "x", comment: nil, nowMs: 0)
    #expect(!again)
    #expect(site.manager.keys(alertID: "plant-a/drift/cam-99").isEmpty)
  }

  @Test func aManagerFromTheStoreContinues() {
    var site = MemorySite()
    live(stream(low: 500), &site)
    let open = site.episodes.filter(\.isOpen)
    var manager = AlarmManager(
      siteID: "plant-a", machines: Array(site.manager.machines.values), open: open, nowMs: 0)
    manager.tick(measure: { _ in nil }, nowMs: 60_000_000)
    #expect(manager.dequeueChanges().journal.isEmpty, "what is shown is not raised again")
    #expect(manager.machines == site.manager.machines)
    // An episode that the stored alarm does not show is raised.
    var fresh = AlarmManager(siteID: "plant-a", machines: [], open: open, nowMs: open[0].raisedMs)
    fresh.tick(measure: { _ in nil }, nowMs: open[0].raisedMs + 20_000)
    #expect(fresh.dequeueChanges().journal.filter { $0.key.rule == .confidenceLow }.map(\.kind) == [.raised])
  }

  @Test func aConditionOfTheClockComesAndGoesAndFlaps() {
    var manager = AlarmManager(siteID: "plant-a")
    let key = AlarmKey(rule: .cameraOffline, sourceID: "cam-01")
    let measure = AlarmMeasure(metric: "online", value: 0, digits: 0)
    #expect(manager.set(key, sinceMs: nil, atMs: 0, measure: measure, nowMs: 0) == nil)
    #expect(manager.set(key, sinceMs: 1000, atMs: 1000, measure: measure, nowMs: 1000) != nil)
    #expect(manager.set(key, sinceMs: 1500, atMs: 1500, measure: measure, nowMs: 1500) == nil)
    #expect(manager.set(key, sinceMs: nil, atMs: 2000, measure: measure, nowMs: 2000) != nil)
    #expect(manager.set(key, sinceMs: 3000, atMs: 3000, measure: measure, nowMs: 3000) != nil)
    var rows = manager.dequeueChanges().journal
    #expect(rows.map(\.kind) == [.raised, .cleared, .reopened] && rows.map(\.page) == [true, false, false])
    // After more than ten minutes it is not chatter any more.
    _ = manager.set(key, sinceMs: nil, atMs: 4000, measure: measure, nowMs: 4000)
    _ = manager.set(key, sinceMs: 604_001, atMs: 604_001, measure: measure, nowMs: 604_001)
    rows += manager.dequeueChanges().journal
    #expect(rows.last?.kind == .reopened && rows.last?.page == true)
    #expect(rows.last?.machine.occurrence?.flapCount == 2)
    #expect(Set(rows.map { $0.machine.occurrence?.id }).count == 1)
  }

  @Test func aGapStaysUntilSomebodyAcknowledgesIt() {
    var manager = AlarmManager(siteID: "plant-a")
    let key = AlarmKey(rule: .dataGap, sourceID: "bridge-01")
    let measure = AlarmMeasure(metric: "gap_s", value: 60, digits: 0)
    _ = manager.set(key, sinceMs: 1000, atMs: 1000, measure: measure, nowMs: 1000)
    #expect(manager.set(key, sinceMs: 2000, atMs: 2000, measure: measure, nowMs: 2000) == nil)
    let isAny = manager.acknowledge([key], by: "x", comment: nil, nowMs: 3000)
    #expect(isAny && manager.machines[key]?.state == .normal)
    _ = manager.dequeueChanges()
    // The next gap is a new occurrence.
    _ = manager.set(key, sinceMs: 4000, atMs: 4000, measure: measure, nowMs: 4000)
    #expect(manager.dequeueChanges().journal.map(\.page) == [true])
  }

  // MARK: Any order

  /// Episodes are a function of the samples, for any batches in which these arrive.
  @Test(arguments: Seed.many(1..<13)) func anyOrderOfArrivalGivesTheSameEpisodes(seed: UInt64) {
    var random = DriftRandom(seed: seed)
    let settings = DetectorSettings(low: DriftStream.randomSettings(using: &random))
    let samples = DriftStream.random(300, using: &random)
    func site(_ order: [DriftSample]) -> MemorySite {
      var site = MemorySite()
      site.settings = settings
      var rest = order[...]
      while !rest.isEmpty {
        let count = Int.random(in: 1...60, using: &random)
        site.apply(Array(rest.prefix(count)), cam1, nowMs: samples[samples.count - 1].timestampMs + 1000)
        rest = rest.dropFirst(count)
      }
      return site
    }
    let straight = site(samples)
    let shuffled = site(samples.shuffled(using: &random))
    #expect(straight.episodes == shuffled.episodes, "seed \(seed)")
    #expect(!straight.episodes.isEmpty || seed > 0)
    // In the end the alarm shows the state of the rule, regardless of the order.
    let isActive = straight.detectors[cam1]?.state(of: .confidenceLow).isActive ?? false
    for var one in [straight, shuffled] {
      one.tick(samples[samples.count - 1].timestampMs + 100_000_000)
      #expect(one.state(cam1).isActive == isActive, "seed \(seed)")
    }
  }
}
