import Foundation
import Synchronization

/// Runs tasks on one thread of its own: for tests that block. On the shared pool, which has one thread for
/// each core, a few of them would block everything else.
public final class ThreadExecutor: TaskExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    var isOver = false
  }

  private let state = Mutex(State())
  private let wakeup = DispatchSemaphore(value: 0)

  public init(_ name: String) {
    let thread = Thread { [self] in run() }
    thread.name = name
    thread.stackSize = 4 << 20
    thread.start()
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
    wakeup.signal()
  }

  /// Ends the thread when no task is left. No task may be added later.
  public func end() {
    state.withLock { $0.isOver = true }
    wakeup.signal()
  }

  private func run() {
    while true {
      wakeup.wait()
      let (job, isOver) = state.withLock { state in
        (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isOver && state.jobs.isEmpty)
      }
      job?.runSynchronously(on: asUnownedTaskExecutor())
      if isOver, job == nil { return }
    }
  }
}
