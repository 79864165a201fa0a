import AndonCore
import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonPublish
@testable import AndonStore

/// A changed calendar publishes exactly what it changes.
@Suite(.ownThread) struct CalendarPublishTests {
  private static let hourMs: Int64 = 3_600_000
  private static let dayMs: Int64 = 24 * hourMs
  private static let shifts =
    #", shifts: [{id: early, start: "06:00", end: "14:00", days: [mon, tue, wed, thu, fri], breaks: [{start: "09:00", end: "09:30"}]}, "#
    + #"{id: late, start: "14:00", end: "22:00", days: [tue, wed]}, {id: night, start: "22:00", end: "06:00", days: [mon, tue]}]"#
  /// A line that follows the site, one with a shift of its own, and a workstation in none.
  private static let areas =
    #", areas: [{id: hall, lines: [{id: l1, workstations: [S1]}, {id: l2, workstations: [S2], shifts: ["#
    + #"{id: early, start: "06:00", end: "11:30"}, {id: two, start: "12:00", end: "23:00", days: [tue, wed]}]}]}]"#

  private struct Key: Hashable {
    var kind: String
    var startMs: Int64
    var scope: String
    var id: String
  }

  /// A site, its publishing cycle, and what was published last of each closed window.
  private final class Plant {
    let test: TestSite
    let queue: PublishQueue
    private(set) var cycle: KPIPublishCycle
    var finals: [Key: (figures: String, revision: Int)] = [:]
    var retained: [String: [String: Any]] = [:]
    var texts: [String: String] = [:]

    init(_ more: String = "") throws {
      test = try TestSite(CalendarPublishTests.shifts + more)
      queue = PublishQueue(wakeup: try Wakeup())
      cycle = KPIPublishCycle(
        site: test.site, topics: TopicNames(root: "r"), scalarTags: false, publishQueue: queue)
    }

    /// As after a reload with further keys of the site.
    func reload(_ more: String) throws {
      let yaml =
        "sites: [{id: plant-a, timezone: UTC\(CalendarPublishTests.shifts)\(more)}]"
      let settings = try SettingsLoader.parse(yaml: yaml, file: "a.yaml", environment: [:])
      cycle = KPIPublishCycle(
        site: settings.sites[0], topics: TopicNames(root: "r"), scalarTags: true, publishQueue: queue)
    }

    /// Publishes until nothing is left, and returns the topics that were set and the final records.
    func publish(atMs: Int64) throws -> (topics: Set<String>, finals: Set<Key>) {
      var topics: Set<String> = []
      var changed: Set<Key> = []
      for _ in 0..<3 {
        try cycle.publish(test.store, nowMs: atMs)
        while case let items = queue.dequeue(1000), !items.isEmpty {
          for item in items {
            item.receipt?.confirm()
            let (topic, payload) = (item.publication.topic, item.publication.payload)
            let object =
              (try? JSONSerialization.jsonObject(with: Data(payload))) as? [String: Any] ?? [:]
            topics.insert(topic)
            if topic.hasPrefix("r/plant-a/kpi_final/") {
              let (key, revision) = try record(object)
              #expect(revision == (finals[key]?.revision ?? revision - 1) + 1, "\(key)")
              finals[key] = (CalendarPublishTests.figures(payload), revision)
              changed.insert(key)
            } else {
              retained[topic] = object
              texts[topic] = String(decoding: payload, as: UTF8.self)
            }
          }
        }
      }
      return (topics, changed)
    }

    private func record(_ object: [String: Any]) throws -> (Key, Int) {
      let key = Key(
        kind: try #require(object["window"] as? String),
        startMs: try #require((object["window_start_ms"] as? NSNumber)?.int64Value),
        scope: try #require(object["scope"] as? String), id: try #require(object["id"] as? String))
      return (key, try #require(object["rev"] as? Int))
    }
  }

  /// Everything of a record but when and how often it was published.
  private static func figures(_ payload: [UInt8]) -> String {
    let object = (try? JSONSerialization.jsonObject(with: Data(payload))) as? [String: Any] ?? [:]
    return object.filter { !["timestamp_ms", "ts", "rev"].contains($0.key) }
      .sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  /// What a full recompute says of the windows that closed within the lateness, those that were withdrawn
  /// included.
  private func recomputed(_ plant: Plant, nowMs: Int64) throws -> [Key: String] {
    let site = plant.test.site
    let calendars = try plant.test.store.calendars(of: site)
    var windows = WindowKind.allCases.flatMap {
      calendars.windows($0, endingAfter: nowMs - Self.dayMs, upTo: nowMs).joined()
    }
    for startMs in Set(plant.finals.keys.filter { $0.kind == "shift" }.map(\.startMs)).sorted() {
      let published = plant.finals.keys.filter { $0.kind == "shift" && $0.startMs == startMs }
      for place in calendars.all.indices {
        let gone = calendars.withdrawnShift(
          startMs: startMs, ofCalendar: place, isOfSite: published.contains { $0.scope == "site" },
          lines: Set(published.filter { $0.scope == "line" }.map(\.id)))
        if let gone, nowMs - Self.dayMs < gone.window.endMs, gone.window.endMs <= nowMs {
          windows.append(gone)
        }
      }
    }
    var all: [Key: String] = [:]
    for window in windows {
      for record in try KPIQuery(site: site, recomputes: true)
        .records(plant.test.store, windows: [window], nowMs: nowMs)
      {
        let key = Key(
          kind: window.window.name, startMs: window.window.startMs, scope: record.scope.rawValue,
          id: record.id)
        all[key] = Self.figures(record.json(revision: nil))
      }
    }
    return all
  }

  private func open(_ plant: Plant, nowMs: Int64) throws -> [String: String] {
    var all: [String: String] = [:]
    for record in try KPIQuery(site: plant.test.site).openWindows(plant.test.store, nowMs: nowMs) {
      all["r/plant-a/kpi/\(record.scope.rawValue)/\(record.id)/\(record.window.name)"] = Self.figures(
        record.json(revision: nil))
    }
    return all
  }

  /// The topics that show the newest closed hour or day of an id that the open one does not have.
  private func carried(_ keys: Set<Key>, _ plant: Plant, nowMs: Int64) throws -> Set<String> {
    let calendar = try plant.test.store.calendar(of: plant.test.site)
    return Set(
      [WindowKind.hour, .day].flatMap { kind in
        let newest = calendar.windows(kind, endingAfter: nowMs - Self.dayMs, upTo: nowMs).last
        return keys.filter { $0.kind == kind.rawValue && $0.startMs == newest?.startMs }
          .map { "r/plant-a/kpi/\($0.scope)/\($0.id)/\(kind.rawValue)" }
      })
  }

  private func someCommand(_ random: inout SeededRandom, nowMs: Int64) -> CalendarCommand {
    let today = nowMs.flooredDivision(by: Self.dayMs)
    let date = LocalDate(dayNumber: today - Int64(random.next() % 3) + (random.next() % 6 == 0 ? 2 : 0))
    let line: String? = [nil, nil, "l1", "l2"][Int(random.next() % 4)]
    let shift = (line == "l2" ? ["early", "two", "two"] : ["early", "late", "night"])[Int(random.next() % 3)]
    let action: CalendarCommand.Action =
      switch random.next() % 5 {
      case 0, 1: .close(date...date)
      case 2, 3: .open(date, shifts: [shift])
      default: .clear(random.next() % 2 == 0 ? nil : date...date)
      }
    return CalendarCommand(action: action, line: line, reason: "test", by: "test")
  }

  @Test(.seeded, arguments: 0..<4)
  func aChangedCalendarPublishesExactlyWhatItChanges(part: Int) throws {
    var random = SeededRandom(state: Seed.one &+ UInt64(part))
    // Thursday, some time of the day.
    let nowMs = TestSite.nowMs - 10 * Self.hourMs + Int64(random.next() % 90) * 600_000
    let plant = try Plant(Self.areas)
    var atMs = nowMs - 40 * Self.hourMs
    while atMs < min(nowMs, TestSite.nowMs) {
      let kind = ["working", "working", "idle", "absent"][Int(random.next() % 4)]
      let event = TestSite.event(atMs, kind, worker: "W\(random.next() % 2)")
      plant.test.add(event.replacing("\"S1\"", with: "\"S\(1 + random.next() % 3)\""))
      atMs += 60_000 + Int64(random.next() % 1_500_000)
    }
    _ = try plant.test.turn.commitAdded()
    _ = try plant.publish(atMs: nowMs)
    #expect(try plant.publish(atMs: nowMs).topics.isEmpty)
    for step in 0..<8 {
      let command = someCommand(&random, nowMs: nowMs)
      let before = try open(plant, nowMs: nowMs)
      let known = plant.finals.mapValues(\.figures)
      _ = try plant.test.turn.perform(SiteCommandQueue.PendingCommand(work: .calendar(command)) { _ in })
      let expected = try recomputed(plant, nowMs: nowMs).filter { known[$0.key] != $0.value }
      let after = try open(plant, nowMs: nowMs)
      let changed = Set(after.filter { before[$0.key] != $0.value }.keys)
      let (topics, finals) = try plant.publish(atMs: nowMs)
      #expect(finals == Set(expected.keys), "step \(step), \(command.action)")
      for (key, figures) in expected { #expect(plant.finals[key]?.figures == figures) }
      // The topics of a shift that was withdrawn or that became the current one change beside these.
      let figures = topics.filter { $0.hasPrefix("r/plant-a/kpi/") && !$0.hasSuffix("/shift") }
      let kept = try carried(Set(expected.keys), plant, nowMs: nowMs).subtracting(after.keys)
      let wanted = changed.filter { !$0.hasSuffix("/shift") }.union(kept)
      #expect(figures == wanted, "step \(step), \(command.action)")
      #expect(changed.isSubset(of: topics))
      #expect(try plant.publish(atMs: nowMs).topics.isEmpty)
    }
  }

  /// A shift that is closed while it runs leaves its retained topics: the shift before it takes its place, or
  /// nothing.
  @Test func aShiftThatIsClosedWhileItRunsIsShownNoLonger() throws {
    let nowMs = TestSite.nowMs
    let plant = try Plant()
    plant.test.add(TestSite.event(nowMs - 60_000))
    _ = try plant.test.turn.commitAdded()
    _ = try plant.publish(atMs: nowMs)
    let topic = "r/plant-a/kpi/worker/W1/shift"
    #expect(plant.retained[topic]?["shift_id"] as? String == "early")
    let today = LocalDate(dayNumber: nowMs / Self.dayMs)
    let close = CalendarCommand(action: .close(today...today), reason: "stocktaking", by: "m.rossi")
    _ = try plant.test.turn.perform(SiteCommandQueue.PendingCommand(work: .calendar(close)) { _ in })
    _ = try plant.publish(atMs: nowMs + 5000)
    #expect(plant.retained[topic]?["shift_id"] as? String != "early")
    let calendar = try #require(plant.retained["r/plant-a/meta/calendar"])
    #expect(calendar["closed"] as? Bool == true && calendar["closed_reason"] as? String == "stocktaking")
    let day = try #require(plant.retained["r/plant-a/kpi/worker/W1/day"])
    #expect(day["planned_s"] as? Double == 0)
    let hour = try #require(plant.retained["r/plant-a/kpi/worker/W1/hour"])
    #expect(hour["planned_s"] as? Double == 0 && hour["availability_pct"] == nil)
  }

  /// The same when the configuration closes it: the retained topics were set before the reload.
  @Test func aShiftThatAReloadWithdrawsIsShownNoLonger() throws {
    let nowMs = TestSite.nowMs
    let plant = try Plant()
    plant.test.add(TestSite.event(nowMs - 60_000))
    _ = try plant.test.turn.commitAdded()
    try plant.reload("")
    _ = try plant.publish(atMs: nowMs)
    let topic = "r/plant-a/kpi/worker/W1/shift"
    let tag = "r/plant-a/tag/worker/W1/shift/working_s"
    #expect(plant.retained[topic]?["shift_id"] as? String == "early" && plant.texts[tag] == "60.000")
    try plant.reload("")
    _ = try plant.publish(atMs: nowMs + 1000)
    #expect(plant.retained[topic]?["shift_id"] as? String == "early" && plant.texts[tag] == "61.000")
    let today = LocalDate(dayNumber: nowMs / Self.dayMs)
    try plant.reload(", calendar: {closed: [\(today)]}")
    _ = try plant.publish(atMs: nowMs + 2000)
    #expect(plant.retained[topic]?.isEmpty == true && plant.texts[tag]?.isEmpty == true)
  }
}
