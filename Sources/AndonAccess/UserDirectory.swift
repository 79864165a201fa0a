package import AndonConfiguration
import Synchronization

/// The users of the listener: looked up at every request, replaced as a whole at a reload.
package final class UserDirectory: Sendable {
  private struct Snapshot {
    var users: [String: UserRecord] = [:]
    var hashes: [String: PasswordHash] = [:]
    /// By the digest of the token.
    var owners: [String: String] = [:]
    var decoy: PasswordHash

    init(_ file: UsersFile) {
      for user in file.users {
        users[user.name] = user
        hashes[user.name] = user.password.flatMap(PasswordHash.init)
        for token in user.tokens { owners[token.digest] = user.name }
      }
      decoy = .decoy(like: Array(hashes.values))
    }
  }

  private let snapshot: Mutex<Snapshot>
  private let path: String

  /// - Throws: `SettingsErrors` for a file that cannot be used.
  package init(path: String) throws {
    self.path = path
    snapshot = Mutex(Snapshot(try Self.read(path)))
  }

  /// Reads the file again. With a mistake in it the users stay as they are.
  package func reload() throws {
    let fresh = Snapshot(try Self.read(path))
    snapshot.withLock { $0 = fresh }
  }

  /// The file's users, with hashes that can be checked.
  package static func read(_ path: String) throws -> UsersFile {
    let file = try UsersFile.read(path)
    for user in file.users {
      guard let password = user.password, PasswordHash(password) == nil else { continue }
      let message = "the password of \(user.name) is no hash that `andon user` made"
      throw SettingsError(file: path, path: "http.users_file", message: message)
    }
    return file
  }

  package subscript(name: String) -> UserRecord? { snapshot.withLock { $0.users[name] } }

  /// The owner of a token. The digest is looked up, not the token: the time of the look-up says nothing about it.
  package func owner(ofToken token: String) -> UserRecord? {
    let digest = RandomToken.digest(token)
    return snapshot.withLock { snapshot in snapshot.owners[digest].flatMap { snapshot.users[$0] } }
  }

  /// The hash to check a login with, and whether it is the user's: for an unknown name, and for a user without a
  /// password, one that no password matches.
  func hash(of name: String) -> (hash: PasswordHash, isReal: Bool) {
    snapshot.withLock { snapshot in snapshot.hashes[name].map { ($0, true) } ?? (snapshot.decoy, false) }
  }
}
