import AndonCore
import Yams

extension SettingsReader {
  /// Reads a users file; the mistakes are recorded.
  mutating func readUsers(_ root: Node?) -> [UserRecord] {
    guard let root, !Self.isNothing(root) else { return [] }
    return parts(of: root, "", among: ["users"])["users"].map { readUserList($0) } ?? []
  }

  private mutating func readUserList(_ node: Node) -> [UserRecord] {
    guard let list = node.sequence else {
      if !Self.isNothing(node) { report(node, "users", "must be a list") }
      return []
    }
    guard list.count <= UsersFile.userLimit else {
      report(node, "users", "must have at most \(UsersFile.userLimit) users")
      return []
    }
    var users: [UserRecord] = []
    var names: Set<String> = []
    var digests: Set<String> = []
    for (index, child) in list.enumerated() {
      let path = "users[\(index)]"
      guard let user = readUser(child, path) else { continue }
      if !names.insert(user.name.lowercased()).inserted { report(child, "\(path).name", "stands twice") }
      for token in user.tokens where !digests.insert(token.digest).inserted {
        report(child, "\(path).tokens", "the token \(token.id) stands twice")
      }
      users.append(user)
    }
    return users
  }

  private mutating func readUser(_ node: Node, _ path: String) -> UserRecord? {
    let parts = parts(of: node, path, among: ["name", "role", "sites", "password", "tokens"])
    // Without a list of sites a mistake would open all of them.
    for name in ["name", "role", "sites"] where parts[name] == nil {
      report(node, "\(path).\(name)", "is missing")
    }
    var user = UserRecord(name: "", role: .viewer)
    if let name = parts["name"] {
      user.name = scalar(name, "\(path).name") ?? ""
      if !UserRecord.isName(user.name) {
        report(name, "\(path).name", "must be 1 to 64 of letters, digits and ._@+-")
      }
    }
    if let role = parts["role"] {
      if let known = scalar(role, "\(path).role").flatMap(Role.init) {
        user.role = known
      } else {
        let roles = Role.allCases.map(\.rawValue).joined(separator: ", ")
        report(role, "\(path).role", "must be one of \(roles)")
      }
    }
    user.sites = parts["sites"].flatMap { readSites(of: $0, "\(path).sites") }
    if let password = parts["password"] {
      user.password = scalar(password, "\(path).password")
      // Not the text itself: a password in clear may stand here by mistake.
      if user.password?.hasPrefix("$scrypt$") != true {
        report(password, "\(path).password", "must be a hash that `andon user` made")
      }
    }
    user.tokens = parts["tokens"].map { readTokens($0, "\(path).tokens") } ?? []
    return user.name.isEmpty ? nil : user
  }

  /// Nil for `all`.
  private mutating func readSites(of node: Node, _ path: String) -> [String]? {
    if node.scalar?.string == "all" { return nil }
    guard let list = node.sequence, !list.isEmpty else {
      report(node, path, "must be a list of sites, or all")
      return []
    }
    return list.compactMap { child in
      guard let id = child.scalar?.string, Identifier.isValid(id) else {
        report(child, path, "must have ids of sites: 1 to 64 of [A-Za-z0-9_-]")
        return nil
      }
      return id
    }
  }

  private mutating func readTokens(_ node: Node, _ path: String) -> [UserRecord.Token] {
    guard let list = node.sequence, list.count <= UserRecord.tokenLimit else {
      report(node, path, "must be a list of at most \(UserRecord.tokenLimit) tokens")
      return []
    }
    return list.compactMap { child in
      let parts = parts(of: child, path, among: ["id", "sha256", "created"])
      let texts = ["id", "sha256", "created"].map { name in parts[name].flatMap { scalar($0, path) } ?? "" }
      let token = UserRecord.Token(id: texts[0], digest: texts[1], created: texts[2])
      let isDigest =
        token.digest.utf8.count == 64 && token.digest.allSatisfy { $0.isHexDigit && !$0.isUppercase }
      guard Identifier.isValid(token.id), isDigest else {
        report(
          child, path, "a token has an id and a sha256 of 64 hexadecimal digits; `andon user token` makes one"
        )
        return nil
      }
      return token
    }
  }

  private mutating func scalar(_ node: Node, _ path: String) -> String? {
    guard let scalar = node.scalar, !Self.isNothing(node) else {
      report(node, path, "must be one value")
      return nil
    }
    return scalar.string
  }
}
