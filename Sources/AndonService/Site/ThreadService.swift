import Foundation
import ServiceLifecycle

/// Runs something that blocks on a thread of its own for as long as the service group lives.
struct ThreadService: Service {
  let name: String
  let body: @Sendable () -> Void
  let stop: @Sendable () -> Void

  func run() async throws {
    await withGracefulShutdownHandler {
      await withTaskCancellationHandler {
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
          let thread = Thread {
            body()
            done.resume()
          }
          thread.name = name
          thread.stackSize = 2 << 20
          thread.start()
        }
      } onCancel: {
        stop()
      }
    } onGracefulShutdown: {
      stop()
    }
  }
}
