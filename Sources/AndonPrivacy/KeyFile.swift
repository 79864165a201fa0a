import AndonConfiguration
import Crypto
import Foundation

/// The file of the keys of pseudonyms: of each site those of its periods, and one for its counters.
///
/// Several sites, and commands beside the bridge, write the same file: each change is made under a lock, to what the file
/// has at that time. A new key is on disk before it is used: a worker must not get a second pseudonym after a crash. What
/// was deleted is overwritten, as far as the file system does that in place.
struct KeyFile: Sendable {
  let path: String

  /// That of a site; nil without a folder.
  static func of(_ site: SiteSettings, dataDirectory: String?) -> KeyFile? {
    dataDirectory.map { KeyFile(path: site.privacy.keyFile ?? "\($0)/privacy.key") }
  }

  /// What the file has of one site.
  struct Site: Codable, Sendable {
    struct Period: Codable, Sendable {
      var from_ms: Int64
      var to_ms: Int64
      var key: Data
    }

    var counters: Data
    var periods: [Period] = []
  }

  private struct Contents: Codable {
    var version = 1
    var sites: [String: Site] = [:]
  }

  /// A file of more sites than a bridge can have is damaged, bytes.
  private static let largest = 64 << 20

  /// Nil when the file, or the site in it, does not exist.
  func read(_ site: String) throws(KeyFileError) -> Site? { try contents().sites[site] }

  /// Changes what the file has of one site; `body` returns whether it changed anything.
  func change(_ site: String, _ body: (inout Site) -> Bool) throws(KeyFileError) -> Site {
    let folder = (path as NSString).deletingLastPathComponent
    let lock = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard lock >= 0 else { throw error("its folder cannot be opened: \(Self.reason)") }
    defer { close(lock) }
    while flock(lock, LOCK_EX) != 0 {
      guard errno == EINTR else { throw error("its folder cannot be locked: \(Self.reason)") }
    }
    var contents = try contents()
    let known = contents.sites[site]
    var own = known ?? Site(counters: Self.newKey())
    guard body(&own) || known == nil else { return own }
    contents.sites[site] = own
    try write(contents)
    guard fsync(lock) == 0 else { throw error("its folder cannot be synced: \(Self.reason)") }
    return own
  }

  static func newKey() -> Data { SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) } }

  // MARK: The file

  private func contents() throws(KeyFileError) -> Contents {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      guard errno == ENOENT else { throw error("cannot be read: \(Self.reason)") }
      return Contents()
    }
    defer { close(descriptor) }
    var attributes = stat()
    guard fstat(descriptor, &attributes) == 0, attributes.st_size <= Self.largest else {
      throw error("cannot be read, or is too large")
    }
    guard attributes.st_mode & 0o077 == 0 else {
      throw error("others can read it, too: chmod 600, and see who has read it")
    }
    do {
      let contents = try JSONDecoder().decode(
        Contents.self, from: FileHandle(fileDescriptor: descriptor).readToEnd() ?? Data())
      guard contents.version == 1 else { throw error("was written by a newer version of Andon") }
      return contents
    } catch let error as KeyFileError {
      throw error
    } catch {
      throw self.error(
        "is damaged. Without it, workers get other pseudonyms, and a repeated event of before counts twice: "
          + "put the sound file back, or remove it and accept that")
    }
  }

  private func write(_ contents: Contents) throws(KeyFileError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let bytes = try? encoder.encode(contents) else { throw error("cannot be encoded") }
    let temporary = path + ".new"
    // What a crash left behind; the lock is held.
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw error("cannot be written: \(Self.reason)") }
    defer { close(descriptor) }
    let old = open(path, O_WRONLY | O_CLOEXEC)
    defer { if old >= 0 { close(old) } }
    var attributes = stat()
    if old >= 0, geteuid() == 0, fstat(old, &attributes) == 0 {
      _ = fchown(descriptor, attributes.st_uid, attributes.st_gid)
    }
    guard Self.write(bytes, descriptor), fsync(descriptor) == 0, rename(temporary, path) == 0 else {
      let reason = Self.reason
      unlink(temporary)
      throw error("cannot be written: \(reason)")
    }
    // The keys that are left out must not be read from the bytes of the file that was replaced.
    if old >= 0, fstat(old, &attributes) == 0, attributes.st_size > 0 {
      _ = Self.write(Data(count: Int(attributes.st_size)), old)
      fsync(old)
    }
  }

  private static func write(_ data: Data, _ descriptor: Int32) -> Bool {
    var rest = data[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private static var reason: String { String(cString: strerror(errno)) }

  private func error(_ reason: String) -> KeyFileError { KeyFileError(path: path, reason: reason) }
}
