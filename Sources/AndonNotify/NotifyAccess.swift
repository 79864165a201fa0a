import AndonConfiguration
import AndonCore
import Foundation

/// The secrets of a route, read for one attempt: a file that was replaced counts from the next attempt on.
struct NotifyAccess {
  var url: String
  var signatureKey: String?
  var token: String?
  var password: String?

  /// - Throws: `SettingsError`, which names the file and never its content.
  init(_ route: NotifyRouteSettings) throws {
    func key(_ name: String) -> String { "notify.routes.\(route.route.id).\(name)" }
    func read(_ file: String?, _ name: String) throws -> String? {
      try file.map { try SecretFile.read($0, for: key(name)) }
    }
    url = try route.url.read(for: key("url_file"), schemes: route.kind.schemes)
    signatureKey = try read(route.secretFile, "secret_file")
    token = try read(route.tokenFile, "token_file")
    password = try read(route.passwordFile, "password_file")
    guard token?.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) ?? true else {
      throw SettingsError(
        file: route.tokenFile ?? "", path: key("token_file"), message: "must be one word of ASCII")
    }
  }

  /// Text from outside, unless it repeats a secret.
  func withoutSecrets(_ text: String) -> String {
    let path = URLComponents(string: url).map { $0.percentEncodedPath + ($0.percentEncodedQuery ?? "") } ?? ""
    let secrets = [signatureKey, token, password, path.utf8.count > 4 ? path : nil].compactMap(\.self)
    return secrets.contains { text.contains($0) } ? "its answer repeats a secret and is not shown" : text
  }
}
