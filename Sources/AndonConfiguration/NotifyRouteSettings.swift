package import AndonCore

/// One receiver of pages outside the house: what goes to it, and how.
package struct NotifyRouteSettings: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case webhook, smtp, alertmanager
  }

  package var route: NotifyRoute
  package var kind: Kind
  /// Of an address whose parts are secret, only the file is known here.
  package var url: NotifyURL
  /// The authority that signed the receiver's certificate (PEM); nil: those of the system.
  package var caFile: String?
  /// How long one attempt may take.
  package var timeoutMs: Int64 = 10_000
  /// The key of the signature; webhooks only.
  package var secretFile: String?
  /// A bearer token.
  package var tokenFile: String?
  package var username: String?
  package var passwordFile: String?
  /// Of a mail.
  package var from = ""
  package var to: [String] = []

  package init(route: NotifyRoute, kind: Kind, url: NotifyURL) {
    self.route = route
    self.kind = kind
    self.url = url
  }

  /// The files that hold secrets, with their keys.
  package var secrets: [(key: String, file: String)] {
    let path = "notify.routes.\(route.id)"
    let files = [
      ("url_file", url.file), ("secret_file", secretFile), ("token_file", tokenFile),
      ("password_file", passwordFile),
    ]
    return files.compactMap { key, file in file.map { ("\(path).\(key)", $0) } }
  }
}
