package import AndonCore
package import AndonStore
package import Mosquitto
import Synchronization

/// How other threads ask a site's ingestLoop to do something to its alerts.
///
/// The ingestLoop owns the one transaction that writes, so a request waits here until its next turn (milliseconds
/// while the site runs, with its broker or without) and is answered after the commit. Bounded: a full box
/// refuses at once, and no request waits longer than its timeout.
package final class SiteCommandQueue: Sendable {
  package enum Work: Sendable {
    case command(AlertCommand)
    case camera(CameraCommand)
    /// Results of closed shifts, for `productivity`.
    case shifts([ShiftResult])
    case quarantine(QuarantineCommand)
  }

  package struct PendingCommand: Sendable {
    package var number: UInt64 = 0
    package var work: Work
    /// Only the first answer counts.
    package var answer: @Sendable (CommandResult) -> Void
  }

  private struct State {
    var pendingCommands: [PendingCommand] = []
    /// Who waits, by the pendingCommand's number.
    var waiting: [UInt64: CheckedContinuation<CommandResult, Never>] = [:]
    var lastNumber: UInt64 = 0
    var isOpen = false
  }

  package static let limit = 64
  /// How long a request waits for its commit.
  package static let timeout: Duration = .seconds(10)
  private let state = Mutex(State())
  package let wakeup: Wakeup

  package init() throws { wakeup = try Wakeup() }

  /// Asks and waits for the answer, which comes after the commit. `unavailable` when the ingestLoop does not run, too
  /// many wait already, the store does not take it, or it was not committed in time; the detail says which, and
  /// whether it may have been done. Asking for the same again is harmless.
  package func perform(_ command: AlertCommand) async -> CommandResult { await send(.command(command)) }

  /// The same for a camera.
  package func perform(_ command: CameraCommand) async -> CommandResult { await send(.camera(command)) }

  package func send(_ work: Work, timeout: Duration = SiteCommandQueue.timeout) async -> CommandResult {
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    let timer = Task {
      try await Task.sleep(for: timeout)
      expire(number, after: timeout)
    }
    defer { timer.cancel() }
    return await withCheckedContinuation { continuation in
      let refusal = state.withLock { state -> CommandResult? in
        guard state.isOpen else { return .refused("unavailable", "the site is not running, try again") }
        guard state.pendingCommands.count < Self.limit else {
          return .refused("unavailable", "\(Self.limit) commands wait for the site already, try again")
        }
        state.pendingCommands.append(PendingCommand(number: number, work: work) { self.answer(number, $0) })
        state.waiting[number] = continuation
        return nil
      }
      if let refusal { continuation.resume(returning: refusal) } else { wakeup.signal() }
    }
  }

  private func answer(_ number: UInt64, _ result: CommandResult) {
    state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: result)
  }

  /// What still waits in the box is taken out of it, so that nothing is done after its sender heard that it was
  /// not.
  private func expire(_ number: UInt64, after timeout: Duration) {
    let isWithdrawn = state.withLock { state in
      guard let index = state.pendingCommands.firstIndex(where: { $0.number == number }) else { return false }
      state.pendingCommands.remove(at: index)
      return true
    }
    let seconds = timeout.components.seconds
    answer(
      number,
      .refused(
        "unavailable",
        isWithdrawn
          ? "the site did not take it within \(seconds) s, nothing was done"
          : "the site did not commit it within \(seconds) s; it may yet: sending it again is harmless"))
  }

  /// The ingestLoop runs and will look. Closing answers what waits.
  package func setOpen(_ isOpen: Bool) {
    let left = state.withLock { state in
      state.isOpen = isOpen
      guard !isOpen else { return [PendingCommand]() }
      defer { state.pendingCommands.removeAll() }
      return state.pendingCommands
    }
    for pendingCommand in left {
      pendingCommand.answer(.refused("unavailable", "the site is not running, try again"))
    }
  }

  /// What waits; whoever takes it must answer each.
  package func take() -> [PendingCommand] {
    state.withLock { state in
      defer { state.pendingCommands.removeAll() }
      return state.pendingCommands
    }
  }
}
