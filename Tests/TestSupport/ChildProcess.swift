import Foundation
import Synchronization

/// A child process that is waited for with `waitpid`: Foundation's `Process` waits on a run loop, which hangs
/// on the threads that tests run on.
public final class ChildProcess: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let identifier: pid_t
  /// The raw status of `waitpid`, once it was collected.
  private let status = Mutex<Int32?>(nil)

  /// Starts it without input and with both outputs in the new file `output`.
  public init(_ executable: String, _ arguments: [String], output: String) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // Otherwise the child would keep the connections of other tests open.
    for descriptor in Int32(3)..<1024 { posix_spawn_file_actions_addclose(&actions, descriptor) }
    // The threads that tests run on block SIGTERM, and a child inherits that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var texts = ([executable] + arguments).map { strdup($0) } + [nil]
    defer { texts.forEach { free($0) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, executable, &actions, &attributes, &texts, environ)
    guard code == 0 else {
      throw Failure(description: "cannot start \(executable): \(String(cString: strerror(code)))")
    }
    identifier = child
  }

  /// Its exit code, or the negative number of the signal that ended it; nil while it runs.
  var exitCode: Int32? { collect(WNOHANG) }

  /// Waits for its end, without bound.
  @discardableResult
  public func wait() -> Int32 { collect(0) ?? 0 }

  public func signal(_ number: Int32) {
    // Once collected, the process id may belong to another process.
    status.withLock { if $0 == nil { _ = kill(identifier, number) } }
  }

  private func collect(_ options: Int32) -> Int32? {
    status.withLock { status in
      if status == nil {
        var raw: Int32 = 0
        while true {
          let result = waitpid(identifier, &raw, options)
          if result == identifier { status = raw }
          if result >= 0 || errno != EINTR { break }
        }
      }
      return status.map { $0 & 0x7F == 0 ? ($0 >> 8) & 0xFF : -($0 & 0x7F) }
    }
  }
}
