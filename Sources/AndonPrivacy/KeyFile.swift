import AndonConfiguration
import AndonRuntime
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
    dataDirectory.map { KeyFile(path: site.privacy.keyPath(dataDirectory: $0)) }
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

  /// Changes what the file has of one site; `body` returns whether it changed anything.
  func change(_ site: String, _ body: (inout Site) -> Bool) throws -> Site {
    do {
      return try PrivateFile.locked(path) {
        var contents = try contents()
        let known = contents.sites[site]
        var own = known ?? Site(counters: Self.newKey())
        guard body(&own) || known == nil else { return own }
        contents.sites[site] = own
        // The keys that are left out must not be read from the bytes of the file that is replaced.
        try PrivateFile.replace(path, with: Self.bytes(of: contents), owner: path, overwritesOld: true)
        return own
      }
    } catch let failure as PrivateFile.Failure {
      throw error(failure.reason)
    }
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

  private static func bytes(of contents: Contents) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return Array(try encoder.encode(contents))
  }

  private static var reason: String { String(cString: strerror(errno)) }

  private func error(_ reason: String) -> KeyFileError { KeyFileError(path: path, reason: reason) }
}
