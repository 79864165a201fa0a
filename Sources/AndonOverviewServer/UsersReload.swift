import AndonAccess
import Logging
import ServiceLifecycle
import UnixSignals

/// Reads the users' file again at SIGHUP. All other settings need a restart.
struct UsersReload: Service {
  let users: UserDirectory
  let logger: Logger

  func run() async throws {
    let signals = await UnixSignalsSequence(trapping: .sighup)
    for await _ in signals.cancelOnGracefulShutdown() {
      do {
        try users.reload()
        logger.info("users read again")
      } catch {
        logger.warning("the users stay as they are", metadata: ["error": "\(error)"])
      }
    }
  }
}
