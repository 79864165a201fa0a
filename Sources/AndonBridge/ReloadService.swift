import ServiceLifecycle
import UnixSignals

/// Reloads the configuration at SIGHUP and notifies systemd.
struct ReloadService: Service {
  let reloader: Reloader
  let notifier: SystemdNotifier?

  func run() async throws {
    let signals = await UnixSignalsSequence(trapping: .sighup)
    for await _ in signals.cancelOnGracefulShutdown() {
      notifier?.reloading()
      await reloader.reload()
      notifier?.reloaded()
    }
  }
}
