import AndonCore
import Foundation
import Synchronization

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStore

final class TestClock: Sendable {
  private let now = Mutex(TestSite.nowMs)
  var nowMs: Int64 {
    get { now.withLock { $0 } }
    set { now.withLock { $0 = newValue } }
  }
}

/// A site whose clock the test sets.
final class AlarmSite {
  let base: TestSite
  let clock = TestClock()
  var turn: IngestPipeline
  var store: SiteStore { base.store }

  init(_ more: String = "", sections: String = "") throws {
    base = try TestSite(more, sections: sections)
    turn = base.turn
    try restart()
  }

  func restart(_ changed: IngestRules? = nil) throws {
    let rules = changed ?? IngestRules(site: base.site, root: base.settings.topics.root)
    let engine = try SiteEngine(
      store: base.store, rules: rules, drift: DriftSettings(base.site.drift), nowMs: clock.nowMs)
    turn = IngestPipeline(
      rules: rules, store: base.store, engine: engine, clock: WallClock { [clock] in clock.nowMs })
  }

  func add(_ payload: String, camera: String = "cam-01") {
    turn.add(payload: Array(payload.utf8), camera: camera)
  }

  func commit(atMs: Int64) throws {
    clock.nowMs = atMs
    _ = try turn.commitAdded()
  }

  func tick(
    atMs: Int64, shift: Window? = nil, listeningSinceMs: Int64? = 0, planned: PlannedTime? = nil
  ) throws {
    clock.nowMs = atMs
    let alarms = base.site.alarms
    _ = try turn.tick(
      TickContext(
        cameras: turn.engine.cameras.values.map(\.self), shift: shift,
        listeningSinceMs: listeningSinceMs,
        silentAfterMs: alarms.silentAfterMs, staleAfterMs: alarms.staleAfterMs,
        offlineDelayMs: alarms.offlineDelayMs, groupWindowMs: alarms.groupWindowMs,
        sequenceGapAfterMs: alarms.sequenceGapAfterMs, planned: planned))
  }

  /// Ticks once a second, from the clock's time on.
  func tickOn(toMs: Int64, shift: Window? = nil, listeningSinceMs: Int64? = 0) throws {
    for atMs in stride(from: clock.nowMs + 1000, through: toMs, by: 1000) {
      try tick(atMs: atMs, shift: shift, listeningSinceMs: listeningSinceMs)
    }
  }

  /// The pages so far, as class/source.
  func pages() throws -> [String] {
    try store.alarmJournal(limit: 10_000).filter(\.page).map { row in
      String(row.alertID.dropFirst("plant-a/".count))
    }
  }

  func perform(_ command: CameraCommand) throws -> CommandResult {
    var result = CommandResult(isOK: false, code: "none")
    let box = Mutex(result)
    _ = try turn.perform(
      SiteCommandQueue.PendingCommand(work: .camera(command)) { answer in box.withLock { $0 = answer } })
    result = box.withLock { $0 }
    return result
  }

  func perform(_ alertID: String, _ action: AlarmCommand.Action) throws -> CommandResult {
    try turn.perform(AlarmCommand(alertID: alertID, action: action, by: "test"))
  }

  func shifts(_ results: [ShiftResult]) throws {
    _ = try turn.perform(SiteCommandQueue.PendingCommand(work: .shifts(results)) { _ in })
  }

  func setStatus(_ word: String, of camera: String = "cam-01", atMs: Int64) throws {
    clock.nowMs = atMs
    turn.addMessage(topic: "andon/v1/plant-a/camera/\(camera)/status", payload: Array(word.utf8))
    _ = try turn.commitAdded()
  }

  struct Answer: Equatable {
    var code: String
    var text: String
  }

  func commands(_ list: [(String, String, String)], isRetained: Bool = false) throws -> [Answer] {
    for (group, name, payload) in list {
      turn.addMessage(
        topic: "andon/v1/plant-a/cmd/\(group)/\(name)", payload: Array(payload.utf8), isRetained: isRetained)
    }
    return try (turn.commitAdded()?.answers ?? []).map { answer in
      let object = try JSONSerialization.jsonObject(with: Data(answer.payload)) as? [String: Any]
      return Answer(
        code: object?["code"] as? String ?? "?", text: String(decoding: answer.payload, as: UTF8.self))
    }
  }
}
