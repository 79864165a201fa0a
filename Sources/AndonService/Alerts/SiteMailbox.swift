import AndonCore
import Mosquitto
import Synchronization

/// How other threads ask a site's lane to do something to its alerts.
///
/// The lane owns the one transaction that writes, so a request waits here until its next turn (milliseconds
/// while the site runs) and is answered after the commit. Bounded: a full box refuses at once.
package final class SiteMailbox: Sendable {
  enum Work: Sendable {
    case command(AlertCommand)
    case camera(CameraCommand)
    /// Results of closed shifts, for `productivity`.
    case shifts([ShiftResult])
    case quarantine(QuarantineOrder)
  }

  struct Letter: Sendable {
    var work: Work
    var answer: @Sendable (CommandResult) -> Void
  }

  private struct State {
    var letters: [Letter] = []
    var isOpen = false
  }

  package static let limit = 64
  private let state = Mutex(State())
  let wakeup: Wakeup

  package init() throws { wakeup = try Wakeup() }

  /// Asks and waits for the answer, which comes after the commit. `unavailable` when the site is held or too
  /// many wait already; then nothing was done.
  package func perform(_ command: AlertCommand) async -> CommandResult { await send(.command(command)) }

  /// The same for a camera.
  package func perform(_ command: CameraCommand) async -> CommandResult { await send(.camera(command)) }

  func send(_ work: Work) async -> CommandResult {
    await withCheckedContinuation { continuation in
      let isIn = state.withLock { state in
        guard state.isOpen, state.letters.count < Self.limit else { return false }
        state.letters.append(Letter(work: work) { continuation.resume(returning: $0) })
        return true
      }
      if isIn {
        wakeup.signal()
      } else {
        continuation.resume(returning: .refused("unavailable", "the site is not running, try again"))
      }
    }
  }

  /// The lane runs and will look. Closing answers what waits.
  func setOpen(_ isOpen: Bool) {
    let left = state.withLock { state in
      state.isOpen = isOpen
      guard !isOpen else { return [Letter]() }
      defer { state.letters.removeAll() }
      return state.letters
    }
    for letter in left { letter.answer(.refused("unavailable", "the site is not running, try again")) }
  }

  /// What waits; whoever takes it must answer each.
  func take() -> [Letter] {
    state.withLock { state in
      defer { state.letters.removeAll() }
      return state.letters
    }
  }
}
