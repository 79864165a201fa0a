import AndonAccess
package import AndonConfiguration
import AndonCore
import Foundation

/// Checks the files that the configuration names, secrets and certificates: they exist, can be read, are
/// private, and have the expected content.
package struct SecretCheck {
  private let settings: Settings
  private let environment: [String: String]

  package init(_ settings: Settings, environment: [String: String]) {
    self.settings = settings
    self.environment = environment
  }

  package func run() -> [Finding] {
    var findings: [Finding] = []
    if environment["ANDON_BROKER_PASSWORD"]?.isEmpty == false {
      findings.append(Finding(.ok, "secret", "the broker's password is in ANDON_BROKER_PASSWORD"))
    } else if let file = settings.broker.passwordFile {
      findings += secret(file, "broker.password_file")
    }
    if let file = settings.central.passwordFile { findings += secret(file, "central.password_file") }
    if let file = settings.http.tokenFile { findings += secret(file, "http.token_file") }
    if let file = settings.http.usersFile { findings += users(file) }
    if let file = settings.http.oidc?.keysFile { findings.append(providerKeys(file)) }
    for (key, file) in notifySecrets { findings += secret(file, key) }
    let tls = settings.broker.tls
    let pem: [(key: String, file: String?)] = [
      ("broker.tls.ca_file", tls?.caFile), ("broker.tls.cert_file", tls?.certFile),
      ("broker.tls.key_file", tls?.keyFile), ("http.cert_file", settings.http.certFile),
      ("http.key_file", settings.http.keyFile),
    ]
    for case (let key, let file?) in pem + notifyAuthorities { findings.append(certificate(file, key)) }
    return findings
  }

  /// Of the routes, each once, and of the dead-man's switch.
  private var notifySecrets: [(key: String, file: String)] {
    let heartbeat = settings.heartbeat?.url.file.map { ("notify.heartbeat.url_file", $0) }
    return settings.routes.flatMap(\.route.secrets) + [heartbeat].compactMap(\.self)
  }

  private var notifyAuthorities: [(key: String, file: String?)] {
    settings.routes.map { ("notify.routes.\($0.route.route.id).ca_file", $0.route.caFile) }
      + [("notify.heartbeat.ca_file", settings.heartbeat?.caFile)]
  }

  private func secret(_ file: String, _ key: String) -> [Finding] {
    if let finding = missing(file, key) { return [finding] }
    let text: String
    do {
      text = try SecretFile.read(file, for: key)
    } catch {
      return [
        Finding(
          .error, "secret", "\(error)", advice: "put the secret into it, one line of text, or change \(key)")
      ]
    }
    var findings = [rights(file, key, of: "secret")].compactMap(\.self)
    // Its content is never shown, not even its length.
    if text.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.value < 32 }) {
      findings.append(
        Finding(
          .warning, "secret",
          "\(file): \(key): the secret has blanks or several lines; all of it counts but one line end at the end",
          advice: "if that is not meant, write it again: printf %s SECRET > FILE"))
    }
    return findings.isEmpty ? [Finding(.ok, "secret", "\(key) \(file) can be read")] : findings
  }

  private func users(_ file: String) -> [Finding] {
    let key = "http.users_file"
    if let finding = missing(file, key) { return [finding] }
    let users: [UserRecord]
    do { users = try UserDirectory.read(file).users } catch {
      return [Finding(.error, "secret", "\(error)", advice: "mend it with `andon user`, or restore it")]
    }
    var findings = [rights(file, key, of: "hashes")].compactMap(\.self)
    if users.isEmpty {
      findings.append(
        Finding(.warning, "secret", "\(key) \(file) has no user", advice: "andon user add --config FILE NAME")
      )
    }
    let known = Set(settings.sites.map(\.id))
    for user in users {
      for site in user.sites ?? [] where !known.contains(site) {
        findings.append(
          Finding(
            .warning, "secret", "\(key): user \(user.name) has a site \(site), which is not configured",
            advice: "andon user add --replace, or add the site"))
      }
    }
    if settings.http.certFile == nil, settings.http.trustedProxy == nil, !settings.http.isLoopback {
      findings.append(
        Finding(
          .warning, "secret", "passwords and sessions cross the network in clear: http.cert_file is not set",
          advice: "set http.cert_file and http.key_file, or put a proxy with TLS in front of it"))
    }
    return findings.isEmpty ? [Finding(.ok, "secret", "\(key) \(file): \(users.count) users")] : findings
  }

  private func providerKeys(_ file: String) -> Finding {
    let key = "http.oidc.jwks_file"
    if let finding = missing(file, key) { return finding }
    if let problem = OIDCKeys.problem(in: file) {
      return Finding(
        .error, "secret", "\(file): \(key): \(problem)",
        advice: "put the provider's key set there, as its jwks_uri answers it")
    }
    return Finding(.ok, "secret", "\(key) \(file) can be read")
  }

  private func certificate(_ file: String, _ key: String) -> Finding {
    if let finding = missing(file, key) { return finding }
    guard let data = FileManager.default.contents(atPath: file) else { return unreadable(file, key) }
    guard String(decoding: data, as: UTF8.self).contains("-----BEGIN ") else {
      return Finding(
        .error, "secret", "\(file): \(key): this is no PEM file", advice: "it begins with -----BEGIN …")
    }
    let problem = key.hasSuffix("key_file") ? rights(file, key, of: "key") : nil
    return problem ?? Finding(.ok, "secret", "\(key) \(file) can be read")
  }

  private func missing(_ file: String, _ key: String) -> Finding? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else {
      // systemd and containers create these files when the service starts, and only for it.
      let isGivenAtStart = file.hasPrefix("/run/")
      return Finding(
        isGivenAtStart ? .warning : .error, "secret", "\(file): \(key): there is no such file",
        advice: isGivenAtStart
          ? "the service gets it at its start, if its unit or container says so" : "make it, or change \(key)"
      )
    }
    guard isFolder.boolValue else { return access(file, R_OK) == 0 ? nil : unreadable(file, key) }
    return Finding(.error, "secret", "\(file): \(key): this is a folder", advice: "name the file in it")
  }

  private func unreadable(_ file: String, _ key: String) -> Finding {
    Finding(
      .error, "secret", "\(file): \(key): this file cannot be read by \(NSUserName())",
      advice: "give it to the user that runs andon: chown, chmod 0400")
  }

  /// Checks who else may read the file, and whether the service may: a check by root sees more than the
  /// service.
  private func rights(_ file: String, _ key: String, of what: String) -> Finding? {
    guard let own = Owner(file) else { return nil }
    let mode = String(own.mode & 0o777, radix: 8)
    if own.mode & 0o006 != 0 {
      return Finding(
        .warning, "secret", "\(file): \(key): every user of this machine can read the \(what) (mode \(mode))",
        advice: "chmod 0400 \(file), or 0440 with a group that only the service has")
    }
    guard geteuid() == 0, let folder = Owner(settings.bridge.dataDirectory), folder.user != 0 else {
      return nil
    }
    let isReadable =
      own.user == folder.user && own.mode & 0o400 != 0 || own.group == folder.group && own.mode & 0o040 != 0
    guard !isReadable else { return nil }
    return Finding(
      .warning, "secret",
      "\(file): \(key): user \(folder.user), who owns bridge.data_dir, can hardly read it (mode \(mode))",
      advice: "give it to the user or group that runs andon: chown, chmod 0440")
  }

  /// A file's owner and permission bits; links are followed.
  private struct Owner {
    let user: Int
    let group: Int
    let mode: Int

    /// Nil when there is no such file.
    init?(_ path: String) {
      let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
      guard let found = try? FileManager.default.attributesOfItem(atPath: target),
        let user = found[.ownerAccountID] as? NSNumber, let group = found[.groupOwnerAccountID] as? NSNumber,
        let mode = found[.posixPermissions] as? NSNumber
      else { return nil }
      self.user = user.intValue
      self.group = group.intValue
      self.mode = mode.intValue
    }
  }
}
