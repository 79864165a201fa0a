import AndonCore
import AndonRuntime
import Foundation
import Yams

/// The users of the HTTP listener: a YAML file that `andon user` writes and the bridge reads at its start and at SIGHUP.
package struct UsersFile: Sendable, Equatable {
  package var users: [UserRecord] = []

  /// The most users, and the most bytes of the file.
  package static let userLimit = 10_000
  static let byteLimit = 4 << 20

  package init(users: [UserRecord] = []) { self.users = users }

  package subscript(name: String) -> UserRecord? { users.first { $0.name == name } }

  // MARK: Reading

  /// - Throws: `SettingsErrors`, which name file, line and key, never a hash.
  package static func read(_ path: String) throws -> UsersFile {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw failure(path, "this file cannot be read; `andon user add` makes it")
    }
    guard data.count <= byteLimit, let text = String(data: data, encoding: .utf8) else {
      throw failure(path, "this must be UTF-8 text of at most \(byteLimit) bytes")
    }
    return try parse(yaml: text, file: path)
  }

  /// The same for a text; `file` appears only in messages.
  package static func parse(yaml: String, file: String) throws -> UsersFile {
    var reader = SettingsReader(file: file, environment: [:])
    let root: Node?
    do { root = try compose(yaml: yaml) } catch {
      throw SettingsErrors(errors: [SettingsError(file: file, notYAML: error)])
    }
    let users = reader.readUsers(root)
    guard reader.errors.isEmpty else { throw SettingsErrors(errors: reader.errors) }
    return UsersFile(users: users)
  }

  // MARK: Writing

  /// The file's text. Names, ids and hashes have no character that YAML's quotes would have to escape.
  package var yaml: String {
    var lines = [
      "# Written by `andon user`. Passwords and tokens are hashes; keep the file readable by Andon only."
    ]
    guard !users.isEmpty else { return (lines + ["users: []"]).joined(separator: "\n") + "\n" }
    lines.append("users:")
    for user in users {
      lines.append("  - name: \"\(user.name)\"")
      lines.append("    role: \(user.role.rawValue)")
      let sites = user.sites.map { "[\($0.map { "\"\($0)\"" }.joined(separator: ", "))]" }
      lines.append("    sites: \(sites ?? "all")")
      if let password = user.password { lines.append("    password: \"\(password)\"") }
      guard !user.tokens.isEmpty else { continue }
      lines.append("    tokens:")
      for token in user.tokens {
        lines.append(
          "      - {id: \"\(token.id)\", sha256: \"\(token.digest)\", created: \"\(token.created)\"}")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Changes the file: reads it, or begins with no users where there is none, and writes it with mode 0600, whole or
  /// not at all. Two changes at the same time follow each other: the folder is locked meanwhile.
  ///
  /// - Parameter owner: A file whose owner gets a new users file; root writes for the service's user.
  package static func change(
    _ path: String, owner: String, _ body: (inout UsersFile) throws -> Void
  ) throws {
    do {
      try PrivateFile.locked(path) {
        let exists = FileManager.default.fileExists(atPath: path)
        var file = exists ? try read(path) : UsersFile()
        try body(&file)
        try PrivateFile.replace(path, with: Array(file.yaml.utf8), owner: exists ? path : owner)
      }
    } catch let error as PrivateFile.Failure {
      throw failure(path, error.reason)
    }
  }

  private static func failure(_ path: String, _ message: String) -> SettingsErrors {
    SettingsErrors(errors: [SettingsError(file: path, path: "http.users_file", message: message)])
  }
}
