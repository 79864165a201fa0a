import Foundation
import Synchronization

/// Reserves file descriptors before they run out: a site that would not get enough is held, and the process
/// does not crash. (libdispatch traps when it cannot open a file of /proc.)
package final class FileDescriptorBudget: Sendable {
  /// The most that one running site needs: socket and socket pair of the MQTT client, the lock, two for each
  /// of five connections to its file and one for their shared memory, with a reserve.
  package static let perSite = 20
  /// Kept for the publisher, HTTP, logs, commands and the runtime.
  package static let reserve = 96

  /// Nil until `start`: until then nothing is refused.
  private let left = Mutex<Int?>(nil)

  package init() {}

  /// Raises the process's limit as far as allowed and counts what is left.
  package func start() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let used = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    start(left: Int(clamping: limit.rlim_cur) - used - Self.reserve)
  }

  package func start(left count: Int) { left.withLock { $0 = count } }

  /// Reserves the descriptors of a site (or another number); throws when there are not enough.
  package func acquire(_ share: Int = perSite) throws {
    try left.withLock { left in
      guard let count = left else { return }
      guard count >= share else { throw TooFewDescriptors() }
      left = count - share
    }
  }

  /// Returns reserved descriptors, once they are closed.
  package func give(_ share: Int = perSite) { left.withLock { $0 = $0.map { $0 + share } } }
}

/// The process may not open enough files for this site.
struct TooFewDescriptors: Error, CustomStringConvertible {
  var description: String {
    "too few file descriptors for this site: raise the limit (ulimit -n, LimitNOFILE= of systemd) to at least "
      + "\(FileDescriptorBudget.reserve) and \(FileDescriptorBudget.perSite + 4) for each site, or spread the sites over "
      + "several bridges"
  }
}
