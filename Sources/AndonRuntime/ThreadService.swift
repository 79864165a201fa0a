import Foundation
import ServiceLifecycle

/// Runs a blocking function on a thread of its own for as long as the service group lives.
package struct ThreadService: Service {
  package let name: String
  package let body: @Sendable () -> Void
  package let stop: @Sendable () -> Void

  package init(name: String, body: @escaping @Sendable () -> Void, stop: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
    self.stop = stop
  }

  package func run() async throws {
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
