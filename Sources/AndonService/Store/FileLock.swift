import Foundation

/// An exclusive lock on a site, held for as long as the value lives and given back by the kernel if the
/// process dies in any way.
///
/// It is taken on a file of its own beside the database: closing any descriptor of the database file itself
/// would drop SQLite's own POSIX locks.
final class FileLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock at once or throws `StoreError.lockedByAnother`, naming the holder.
  init(path: String) throws {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw StoreError.cannotCreate(path: path, reason: String(cString: strerror(errno)))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let holder = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      close(descriptor)
      let name = holder.trimmingCharacters(in: .whitespacesAndNewlines)
      throw StoreError.lockedByAnother(path: path, holder: name.isEmpty ? "unknown process" : name)
    }
    let holder = Array("process \(getpid())\n".utf8)
    ftruncate(descriptor, 0)
    _ = pwrite(descriptor, holder, holder.count, 0)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
