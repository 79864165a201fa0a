public import Foundation

/// A file system in memory of a few megabytes, mounted for one test. Needs the right to mount.
public final class SmallFileSystem: Sendable {
  public let folder: URL

  /// Whether this process may mount.
  public static let isPossible: Bool = (try? SmallFileSystem(megabytes: 1)) != nil

  public init(megabytes: Int) throws {
    folder = try TemporaryFolder.make("volume")
    try Command.run(
      "/bin/mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "andon-test", folder.path])
  }

  deinit {
    _ = try? Command.run("/bin/umount", ["-l", folder.path])
    try? FileManager.default.removeItem(at: folder)
  }

  public func remount(readOnly: Bool) throws {
    try Command.run("/bin/mount", ["-o", "remount,\(readOnly ? "ro" : "rw")", folder.path])
  }

  /// Writes this file until the file system is full.
  public func fill(_ file: URL) {
    let descriptor = open(file.path, O_WRONLY | O_CREAT, 0o644)
    let block = [UInt8](repeating: 1, count: 4096)
    while write(descriptor, block, block.count) > 0 {}
    close(descriptor)
  }
}
