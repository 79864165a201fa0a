package import AndonConfiguration

/// Who sent a request, and what that caller may see and do.
package struct Caller: Sendable, Hashable {
  /// How the caller proved who it is.
  package enum Proof: String, Sendable {
    /// Not at all.
    case none
    /// The token of `http.token_file`: known to several people.
    case sharedToken
    /// A token of a user.
    case userToken
    /// A session after a login. The browser adds it to requests by itself.
    case session
    /// A token that the identity provider signed.
    case identityProvider
    /// A header of a trusted proxy, which the browser's own session there brings.
    case proxy

    /// Whether a browser sends it by itself, also with a request that a foreign page makes.
    package var isAmbient: Bool { self == .session || self == .proxy }
  }

  /// The user; nil for a caller without a name.
  package var user: String?
  package var role: Role?
  package var capabilities: Set<Capability>
  /// The sites that the caller may see; nil: all.
  package var sites: Set<String>?
  package var proof: Proof

  package func may(_ capability: Capability) -> Bool { capabilities.contains(capability) }

  package func sees(_ site: String) -> Bool { sites?.contains(site) ?? true }

  /// The name for logs and the access log.
  package var shownName: String {
    switch proof {
    case .none: "anonymous"
    case .sharedToken: "shared token"
    case .userToken, .session, .identityProvider, .proxy: user ?? ""
    }
  }

  /// Callers with equal views get equal answers.
  package var view: View { View(capabilities: capabilities, sites: sites) }

  package struct View: Sendable, Hashable {
    var capabilities: Set<Capability>
    var sites: Set<String>?
  }

  /// A request without a valid proof.
  ///
  /// - Parameter readingIsOpen: Whether everything may be read nevertheless.
  package static func anonymous(readingIsOpen: Bool) -> Caller {
    let open = Capability.allCases.filter { !$0.isWriting && $0 != .accessLog }
    return Caller(
      user: nil, role: nil, capabilities: readingIsOpen ? Set(open) : [], sites: nil, proof: .none)
  }

  /// The holder of the token of `http.token_file`.
  package static let sharedToken = Caller(
    user: nil, role: .admin, capabilities: Role.admin.capabilities, sites: nil, proof: .sharedToken)

  package init(_ user: UserRecord, proof: Proof) {
    self.init(
      user: user.name, role: user.role, capabilities: user.role.capabilities, sites: user.sites.map(Set.init),
      proof: proof)
  }

  /// A user whom somebody else vouches for.
  package static func external(user: String, role: Role, sites: [String]?, proof: Proof) -> Caller {
    Caller(
      user: user, role: role, capabilities: role.capabilities, sites: sites.map(Set.init), proof: proof)
  }

  private init(
    user: String?, role: Role?, capabilities: Set<Capability>, sites: Set<String>?, proof: Proof
  ) {
    self.user = user
    self.role = role
    self.capabilities = capabilities
    self.sites = sites
    self.proof = proof
  }
}
