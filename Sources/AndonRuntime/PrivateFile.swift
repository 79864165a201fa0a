import Foundation

/// A file that only its owner may read, mode 0600, and that is written whole or not at all.
package enum PrivateFile {
  /// Why a file cannot be written; callers add which file that is.
  package struct Failure: Error {
    package let reason: String
  }

  /// Runs the body while its folder is locked: two processes that change the file follow each other.
  package static func locked<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    let folder = try openFolder(of: path)
    defer { close(folder) }
    while flock(folder, LOCK_EX) != 0 {
      guard errno == EINTR else { throw Failure(reason: "its folder cannot be locked: \(errorText)") }
    }
    return try body()
  }

  /// Replaces the file by a new one with these bytes, which is on the disk when this returns. Call it while it is locked.
  ///
  /// - Parameters:
  ///   - owner: A file whose owner the new one gets if root writes it, where that file exists.
  ///   - overwritesOld: The bytes of the file that is replaced are overwritten, as far as the file system does that in
  ///     place.
  package static func replace(
    _ path: String, with bytes: [UInt8], owner: String, overwritesOld: Bool = false
  ) throws {
    let old = overwritesOld ? open(path, O_WRONLY | O_CLOEXEC) : -1
    defer { if old >= 0 { close(old) } }
    let temporary = path + ".new"
    // What a crash left behind.
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure(reason: "cannot be written: \(errorText)") }
    defer { close(descriptor) }
    var attributes = stat()
    if geteuid() == 0, stat(owner, &attributes) == 0 {
      _ = fchown(descriptor, attributes.st_uid, attributes.st_gid)
    }
    guard write(bytes, descriptor), fsync(descriptor) == 0, rename(temporary, path) == 0 else {
      let failure = Failure(reason: "cannot be written: \(errorText)")
      unlink(temporary)
      throw failure
    }
    if old >= 0, fstat(old, &attributes) == 0 {
      _ = write([UInt8](repeating: 0, count: Int(attributes.st_size)), old)
      fsync(old)
    }
    let folder = try openFolder(of: path)
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw Failure(reason: "its folder cannot be synced: \(errorText)") }
  }

  private static func openFolder(of path: String) throws -> Int32 {
    let folder = (path as NSString).deletingLastPathComponent
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(reason: "its folder cannot be opened: \(errorText)") }
    return descriptor
  }

  private static func write(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private static var errorText: String { String(cString: strerror(errno)) }
}
