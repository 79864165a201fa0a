package import AndonCore
import AndonPublish
package import Mosquitto
import Synchronization

/// Changes at a site that wait for its Sparkplug connection: the latest record of every window and id, the
/// closed windows in order, the latest alarm of every camera.
///
/// Producers on any thread write without blocking. Memory is bounded by the site's limits of ids; of closed
/// windows the newest `closedLimit` are kept.
package final class SparkplugFeed: KPIObserver, AlarmObserver {
  /// The changes since the last call of `take`.
  package struct Changes: Sendable {
    package var records: [KPIRecord] = []
    package var closed: [KPIRecord] = []
    package var alarms: [SparkplugAlarm] = []
    package var droppedClosed: Int64 = 0
  }

  private struct Key: Hashable {
    var scope: KPIScope
    var id: String
    var kind: WindowKind?
  }

  private struct State {
    var records: [Key: KPIRecord] = [:]
    var closed: [KPIRecord] = []
    var alarms: [String: SparkplugAlarm] = [:]
    var droppedClosed: Int64 = 0
  }

  package static let closedLimit = SparkplugNode.historyLimit
  private let state = Mutex(State())
  private let wakeup: Wakeup

  /// - Parameter wakeup: signalled when there are changes.
  package init(wakeup: Wakeup) { self.wakeup = wakeup }

  package func observe(_ record: KPIRecord) {
    state.withLock {
      $0.records[Key(scope: record.scope, id: record.id, kind: record.window.kind)] = record
    }
  }

  package func close(_ record: KPIRecord) {
    state.withLock { state in
      if state.closed.count >= Self.closedLimit {
        state.closed.removeFirst(Self.closedLimit / 10)
        state.droppedClosed += Int64(Self.closedLimit / 10)
      }
      state.closed.append(record)
    }
  }

  package func flush() { wakeup.signal() }

  package func observe(_ record: AlarmRecord) {
    guard let alarm = SparkplugAlarm(record) else { return }
    state.withLock { $0.alarms[alarm.cameraID] = alarm }
    wakeup.signal()
  }

  /// Returns and removes all changes: shorter windows first, then by scope and id.
  package func dequeue() -> Changes {
    let state = state.withLock { state in
      defer { state = State() }
      return state
    }
    var changes = Changes()
    changes.records = state.records.values.sorted { left, right in
      // Of two windows, the one that ends later determines the worker's current state.
      if left.window.endMs != right.window.endMs { return left.window.endMs < right.window.endMs }
      if left.scope != right.scope { return left.scope.rawValue < right.scope.rawValue }
      return left.id < right.id
    }
    changes.closed = state.closed
    changes.alarms = state.alarms.values.sorted { $0.cameraID < $1.cameraID }
    changes.droppedClosed = state.droppedClosed
    return changes
  }
}
