import AndonCore

/// A user of the HTTP listener, as in `http.users_file`. It holds no secret: hashes only.
package struct UserRecord: Sendable, Equatable {
  /// A bearer token of a user, for programs.
  package struct Token: Sendable, Equatable {
    /// Unique among the tokens of the user; an id like `grafana`.
    package var id: String
    /// The SHA-256 of the token, 64 hexadecimal digits.
    package var digest: String
    /// When it was made, e.g. `2026-11-29T18:00:00.000Z`; for people.
    package var created: String

    package init(id: String, digest: String, created: String) {
      self.id = id
      self.digest = digest
      self.created = created
    }
  }

  /// Unique; 1 to 64 of `[A-Za-z0-9._@+-]`.
  package var name: String
  package var role: Role
  /// The ids of the sites that the user may see; nil: all.
  package var sites: [String]?
  /// The password's hash (`$scrypt$…`); nil: the user cannot log in, only use tokens.
  package var password: String?
  package var tokens: [Token] = []

  package init(name: String, role: Role, sites: [String]? = nil, password: String? = nil) {
    self.name = name
    self.role = role
    self.sites = sites
    self.password = password
  }

  /// The most tokens of one user.
  package static let tokenLimit = 32

  /// Whether the text may be a user's name.
  package static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { Identifier.isAlphanumeric($0) || "._@+-".utf8.contains($0) }
  }
}
