package import AndonCore
package import AndonStore
package import Mosquitto
import Synchronization

/// The queue of commands from other threads to a site's ingest loop.
///
/// The ingest loop owns the only writing transaction, so a command waits here until its next pass
/// (milliseconds while the site runs, with or without its broker) and is answered after the commit. Bounded:
/// a full queue refuses at once, and no command waits longer than its time-out.
package final class SiteCommandQueue: Sendable {
  package enum Work: Sendable {
    case command(AlarmCommand)
    case camera(CameraCommand)
    case calendar(CalendarCommand)
    case target(TargetCommand)
    case stop(StopCommand)
    /// The stops as they are now, for their topics.
    case stops(StopFinding)
    /// Reports of shifts that are over, for their topics.
    case reports(ReportFinding)
    /// Results of closed shifts, for `productivity`.
    case shifts([ShiftResult])
    /// Hours of cameras, for `rate_low`.
    case rates([RateFinding])
    case quarantine(QuarantineCommand)
    case erase(EraseCommand)
  }

  package struct PendingCommand: Sendable {
    package var number: UInt64 = 0
    package var work: Work
    /// Only the first answer counts.
    package var answer: @Sendable (CommandResult) -> Void
  }

  private struct State {
    var pendingCommands: [PendingCommand] = []
    /// The waiting senders, by command number.
    var waiting: [UInt64: CheckedContinuation<CommandResult, Never>] = [:]
    var lastNumber: UInt64 = 0
    var isOpen = false
  }

  package static let limit = 64
  /// How long a command waits for its commit.
  package static let timeout: Duration = .seconds(10)
  private let state = Mutex(State())
  package let wakeup: Wakeup

  package init() throws { wakeup = try Wakeup() }

  /// Queues a command and waits for the answer, which comes after the commit. `unavailable` when the ingest
  /// loop does not run, the queue is full, the store refuses the change, or it was not committed in time. The
  /// detail says which, and whether it may have been done. Sending the same command again is harmless.
  package func perform(_ command: AlarmCommand) async -> CommandResult { await send(.command(command)) }

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

  /// Removes a command that still waits, so that it is not performed after its sender heard that it was not.
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

  /// Opens the queue when the ingest loop runs. Closing it answers what waits.
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

  /// Removes and returns all commands; the caller must answer each.
  package func dequeue() -> [PendingCommand] {
    state.withLock { state in
      defer { state.pendingCommands.removeAll() }
      return state.pendingCommands
    }
  }
}
