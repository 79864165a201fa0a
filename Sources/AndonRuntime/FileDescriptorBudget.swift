import Foundation
import Synchronization

/// File descriptors are dealt out before they run out: a site that would not find enough is held, instead of the
/// process dying of it. (libdispatch traps when it cannot open a file of /proc.)
package final class FileDescriptorBudget: Sendable {
  /// What one running site needs at most: socket and socket pair of the MQTT client, lock, and two descriptors
  /// for each of five connections to its file and one for their shared memory, and some to spare.
  package static let perSite = 20
  /// Kept for the publisher, HTTP, logs, commands and the runtime.
  package static let reserve = 96

  /// Nil until `start`: then nothing is denied.
  private let left = Mutex<Int?>(nil)

  package init() {}

  /// Raises the process's limit as far as it may and counts what is left of it.
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

  /// Takes a site's share (or another number); throws when there is none left.
  package func take(_ share: Int = perSite) throws {
    try left.withLock { left in
      guard let count = left else { return }
      guard count >= share else { throw TooFewDescriptors() }
      left = count - share
    }
  }

  /// Gives back what was taken, once its descriptors are closed.
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
