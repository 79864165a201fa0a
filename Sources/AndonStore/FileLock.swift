import Foundation
import Synchronization

/// An exclusive lock on a site, held for the lifetime of the value; the kernel releases it when the process
/// dies.
///
/// The lock is on a separate file beside the database: closing any descriptor of the database file itself
/// would drop SQLite's own POSIX locks. The file also names the holder and the last commit.
final class FileLock: Sendable {
  /// Nil after the release.
  private let descriptor: Mutex<Int32?>
  private let holder: String
  /// The mark that the previous holder left; nil on the first start.
  let highWaterMark: CommitHighWaterMark?

  /// Takes the lock at once or throws `StoreError.lockedByAnother`, which names the holder.
  init(path: String) throws {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw StoreError.cannotCreate(path: path, reason: String(cString: strerror(errno)))
    }
    let found = Self.text(descriptor)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      let name = found.prefix { $0 != "\n" }
      throw StoreError.lockedByAnother(path: path, holder: name.isEmpty ? "unknown process" : String(name))
    }
    highWaterMark = CommitHighWaterMark(lockFile: found)
    holder = "process \(getpid())\n"
    self.descriptor = Mutex(descriptor)
    let text = Array((holder + (highWaterMark?.text ?? "")).utf8)
    ftruncate(descriptor, 0)
    _ = pwrite(descriptor, text, text.count, 0)
  }

  deinit { release() }

  /// Releases the lock; further calls do nothing.
  func release() {
    descriptor.withLock { descriptor in
      if let held = descriptor {
        // A child process between fork and exec has a copy of the descriptor: closing ours would not unlock.
        flock(held, LOCK_UN)
        close(held)
      }
      descriptor = nil
    }
  }

  /// Records a commit that is on disk. A failure is ignored: the mark then stays at an earlier commit.
  func record(_ highWaterMark: CommitHighWaterMark) {
    let text = Array(highWaterMark.text.utf8)
    descriptor.withLock { descriptor in
      if let held = descriptor { _ = pwrite(held, text, text.count, off_t(holder.utf8.count)) }
    }
  }

  private static func text(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
