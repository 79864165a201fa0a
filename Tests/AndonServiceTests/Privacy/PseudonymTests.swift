import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonCheck
@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonPrivacy
@testable import AndonStore

/// Pseudonyms: how long they last, what they survive, and that their keys are kept as promised.
@Suite(.ownThread) struct PseudonymTests {
  private let folder: String
  /// 2026-01-15T10:15:00Z; the shift began at 06:00.
  private let nowMs = TestSite.nowMs
  private let hour: Int64 = 3_600_000

  init() throws { folder = try TemporaryFolder.make("privacy").path }

  private var keyFile: String { folder + "/privacy.key" }
  private func key(_ more: String = "workers: pseudonym") -> String { "\(more), key_file: '\(keyFile)'" }

  private func site(_ privacy: String? = nil, more: String = "", _ name: String = "data") throws
    -> PrivateSite
  {
    try PrivateSite(privacy ?? key(), more: more, folder: folder, name: name)
  }

  @Test func aWorkerHasOnePseudonymUntilTheNextShift() throws {
    let site = try site()
    for atMs in [nowMs - 3 * hour, nowMs - 2 * hour, nowMs - hour] { site.add(TestSite.event(atMs)) }
    site.add(TestSite.event(nowMs - 5 * hour))  // in the night shift
    site.add(TestSite.event(nowMs - 2 * hour, worker: "W2"))
    _ = try site.turn.commitAdded()
    let workers = try site.workers()
    #expect(workers.allSatisfy { $0.wholeMatch(of: /P-[A-Z2-7]{13}/) != nil }, "\(workers)")
    #expect(Set(workers).count == 3 && workers[0] != workers[1])
    #expect(Set(workers.dropFirst()).count == 2, "one of W1 in the early shift, one of W2")
  }

  /// The key is on disk before the event: otherwise a worker had two pseudonyms after a crash, and a repeat counted
  /// twice.
  @Test func anotherProcessMeetsTheSamePseudonym() throws {
    let first = try site()
    first.add(TestSite.event(nowMs - hour))
    _ = try first.turn.commitAdded()
    let known = try first.workers()
    let second = try site(nil, "other")
    second.add(TestSite.event(nowMs - hour))
    _ = try second.turn.commitAdded()
    #expect(try second.workers() == known)
    #expect(try Data(contentsOf: URL(fileURLWithPath: keyFile)).count > 0)
    let mode = try FileManager.default.attributesOfItem(atPath: keyFile)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func aRepeatIsADuplicateAlsoAfterTheShift() throws {
    let site = try site()
    site.add(TestSite.event(nowMs - hour))
    _ = try site.turn.commitAdded()
    site.nowMs = nowMs + 30 * hour
    site.add(TestSite.event(nowMs - hour))
    _ = try site.turn.commitAdded()
    let counters = try site.store.counters()
    #expect(counters.stored == 1 && counters.duplicate == 1)
  }

  /// The rotation is a rule of the configuration, but a period that began stays as it is.
  @Test func anotherRotationBeginsWithTheNextPeriod() throws {
    let before = try site(key("workers: pseudonym, rotate: day"))
    before.add(TestSite.event(nowMs - hour))
    _ = try before.turn.commitAdded()
    try before.store.close()
    let after = try site(key("workers: pseudonym, rotate: shift"))
    after.add(TestSite.event(nowMs - hour / 2))
    after.nowMs = nowMs + 6 * hour
    after.add(TestSite.event(nowMs + 5 * hour))  // 15:15, in the late shift and the same day
    after.nowMs = nowMs + 24 * hour
    for atMs in [nowMs + 20 * hour, nowMs + 23 * hour] { after.add(TestSite.event(atMs)) }  // 06:15, 09:15
    after.add(TestSite.event(nowMs + 19 * hour))  // 05:15, after the day's key ended
    _ = try after.turn.commitAdded()
    let workers = try after.workers()
    #expect(Set(workers[0...2]).count == 1, "one day")
    #expect(workers[3] != workers[2] && workers[4] != workers[3] && workers[4] == workers[5])
  }

  @Test func keysOfPastPeriodsAreDeletedAndOverwritten() throws {
    let site = try site(more: ", ingest: {max_age: 1d}")
    site.add(TestSite.event(nowMs - hour))
    _ = try site.turn.commitAdded()
    let old = try Data(contentsOf: URL(fileURLWithPath: keyFile))
    let descriptor = open(keyFile, O_RDONLY)
    defer { close(descriptor) }
    let pseudonyms = try #require(SitePseudonyms.of(site.site, dataDirectory: folder))
    #expect(try pseudonyms.prune(nowMs: nowMs + 27 * hour) == 0, "events of that shift may still come")
    #expect(try pseudonyms.prune(nowMs: nowMs + 28 * hour) == 1)
    let text = try String(contentsOfFile: keyFile, encoding: .utf8)
    #expect(text.contains(#""periods":[]"#) && text.contains("counters"))
    var bytes = [UInt8](repeating: 1, count: old.count)
    #expect(pread(descriptor, &bytes, bytes.count, 0) == old.count && bytes.allSatisfy { $0 == 0 })
  }

  @Test func aKeyFileThatOthersCanReadIsRefusedAndNothingIsStored() throws {
    let site = try site()
    site.add(TestSite.event(nowMs - hour))
    _ = try site.turn.commitAdded()
    chmod(keyFile, 0o640)
    let other = try self.site(nil, "other")
    other.add(TestSite.event(nowMs - hour))
    #expect {
      try other.turn.commitAdded()
    } throws: { "\($0)".contains("chmod 600") && "\($0)".contains(keyFile) }
    #expect(try other.store.counters().received == 0)
    chmod(keyFile, 0o600)
    other.add(TestSite.event(nowMs - hour))
    _ = try other.turn.commitAdded()
    #expect(try other.store.counters().stored == 1)
  }

  @Test func aDamagedKeyFileIsRefusedWithWhatItMeans() throws {
    try "{".write(toFile: keyFile, atomically: false, encoding: .utf8)
    chmod(keyFile, 0o600)
    let site = try site()
    site.add(TestSite.event(nowMs - hour))
    #expect {
      try site.turn.commitAdded()
    } throws: { "\($0)".contains("damaged") && "\($0)".contains("counts twice") }
  }

  /// With each shift the same workers come again: the limit is one of persons.
  @Test func theLimitOfWorkersHoldsForAPeriod() throws {
    let site = try site(more: ", limits: {workers: 2}")
    for shift in 0..<5 {
      site.nowMs = nowMs + Int64(shift) * 8 * hour
      for worker in 1...3 { site.add(TestSite.event(site.nowMs - hour / 2, worker: "W\(worker)")) }
      _ = try site.turn.commitAdded()
    }
    let counters = try site.store.counters()
    #expect(counters.stored == 10 && counters.rejected == 5)
  }

  /// The old pseudonym is not somebody who works on for the time-out after the rotation.
  @Test func aTimelineEndsAtARotation() throws {
    let site = try site()
    let change = nowMs - nowMs % (24 * hour) + 6 * hour
    site.nowMs = change + hour
    for minute in stride(from: Int64(-20), through: 20, by: 4) {
      site.add(TestSite.event(change + minute * 60_000))
    }
    _ = try site.turn.commitAdded()
    for recomputes in [false, true] {
      let records = try KPIQuery(site: site.site, recomputes: recomputes)
        .range(fromMs: change - hour, toMs: change + hour, site.store, nowMs: change + hour)
      let station = try #require(records.first { $0.scope == .workstation })
      // 20 minutes before, the same after and the time-out of 10 minutes.
      #expect(station[.working] == 50 * 60_000 && station[.labor] == 50 * 60_000)
      let workers = records.filter { $0.scope == .worker }.sorted {
        $0.lastEventMs ?? 0 < $1.lastEventMs ?? 0
      }
      #expect(workers.count == 2 && workers[0].state == .unknown && workers[0][.absent] == 0)
      let unknownMs: Int64 = (40 + 60) * 60_000
      #expect(workers[0][.unknown] == unknownMs, "nothing is known from the rotation on")
    }
  }

  @Test func aCounterOfAWorkerKeepsItsReadingOverARotation() throws {
    let mapping = """
      , mappings: [{name: press, topic: "press/{w}/total", count_mode: total, fields: {camera_id: {value: press},
        worker_id: "{w}", workstation_id: {value: S1}, event_type: {value: product_count}, count: /n,
        timestamp: {from: /t, unit: ms}}}]
      """
    let site = try site(more: mapping)
    for (index, total) in [100, 107, 115].enumerated() {
      site.nowMs = nowMs + Int64(index) * 8 * hour
      site.turn.addMessage(
        topic: "press/MARKER/total", payload: Array(#"{"n":\#(total),"t":\#(site.nowMs - 1000)}"#.utf8))
      _ = try site.turn.commitAdded()
    }
    var units: [Int32] = []
    try site.store.visitEvents(fromMs: .min, toMs: .max) { units.append($0.event.count) }
    #expect(units == [0, 7, 8])
  }

  @Test func configurationThatContradictsItselfIsRefused() {
    for (privacy, words) in [
      ("workers: off, rotate: never", "privacy.rotate"), ("workers: off, ranking: true", "privacy.ranking"),
      ("workers: nobody", "must be one of named, pseudonym, off"),
    ] {
      #expect(performing: { try site(privacy) }, throws: { "\($0)".contains(words) })
    }
  }

  @Test func checkSaysWhoCanReadTheKeysAndWhichNamesMatchNothing() throws {
    func findings(_ more: String = "") throws -> [String] {
      let yaml = """
        bridge: {data_dir: \(folder)}
        privacy: {workers: pseudonym}
        sites: [{id: plant-a, timezone: UTC\(more)}]
        """
      let settings = try SettingsLoader.parse(yaml: yaml, file: "test.yaml", environment: [:])
      return PrivacyCheck(settings).run().map { "\($0.level) \($0.text)" }
    }
    #expect(try findings() == ["ok \(keyFile): the keys of pseudonyms are made with the first event"])
    try "{}".write(toFile: keyFile, atomically: false, encoding: .utf8)
    chmod(keyFile, 0o644)
    let found = try findings(", workers: {W1: {name: Anna}}")
    #expect(found.count == 2 && found[0].contains("no id matches") && found[1].hasPrefix("error "))
    chmod(keyFile, 0o600)
    #expect(try findings().first?.hasPrefix("ok ") == true)
  }

  /// Anybody can send any time: the file must not grow with that. While the clock is in doubt some are kept for later.
  @Test func rejectedTimesBeginFewPeriods() throws {
    let pseudonyms = try #require(SitePseudonyms.of(try site().site, dataDirectory: folder))
    func period(_ ms: Int64, trusted: Bool) throws -> PseudonymPeriod? {
      try pseudonyms.period(ofRejected: ms, .init(nowMs: nowMs, isClockTrusted: trusted))
    }
    let year = 365 * 24 * hour
    #expect(try period(nowMs - hour, trusted: true) != nil)
    #expect(try period(nowMs - year, trusted: true) == nil && period(nowMs + year, trusted: true) == nil)
    var kept = 0
    for number in 0..<200 where try period(nowMs + year + Int64(number) * 24 * hour, trusted: false) != nil {
      kept += 1
    }
    #expect(kept == 64)
    #expect(try period(.max, trusted: false) == nil && period(.min, trusted: false) == nil)
    #expect(try period(nowMs + year, trusted: false) != nil, "it has its period already")
  }
}
