import AndonCore
import Foundation

extension SettingsReader {
  /// Nil when a mistake was recorded.
  mutating func readBroker(_ values: SettingValues) -> BrokerSettings? {
    guard let address = readBrokerURL(values) else { return nil }
    let names = ["ca_file", "cert_file", "key_file"].map { "broker.tls.\($0)" }
    let files = names.map { values.optionalText($0) }
    let origins = names.compactMap { values.origin($0) }
    if address.scheme != "mqtts", let first = origins.first {
      report(first, "broker.tls", "needs broker.url to begin with mqtts://")
    }
    if (files[1] == nil) != (files[2] == nil) {
      report(
        values.origin(names[1]) ?? values.origin(names[2]), "broker.tls",
        "cert_file and key_file belong together"
      )
    }
    return BrokerSettings(
      scheme: address.scheme, host: address.host, port: address.port,
      username: values.optionalText("broker.username"),
      passwordFile: values.optionalText("broker.password_file"),
      tls: address.scheme == "mqtts" ? .init(caFile: files[0], certFile: files[1], keyFile: files[2]) : nil,
      sessionExpirySeconds: UInt32(values.number("broker.session_expiry") / 1000),
      keepAliveSeconds: Int(values.number("broker.keep_alive") / 1000))
  }

  private mutating func readBrokerURL(
    _ values: SettingValues
  ) -> (scheme: String, host: String, port: Int)? {
    let path = "broker.url"
    let text = values.text(path)
    let origin = values.origin(path)
    // Searched in the text itself and never shown: even a broken URL may contain a password.
    guard !text.contains("@") else {
      report(
        origin, path, "must not hold a user or password: use broker.username and broker.password_file")
      return nil
    }
    let expected = "must be mqtt://host:port, mqtts://host:port or mqtt+unix:///path"
    let shown = SettingValue.Failure.excerpt(text)
    guard let url = URLComponents(string: text), let scheme = url.scheme, url.query == nil,
      url.fragment == nil
    else {
      report(origin, path, "\(expected), not \"\(shown)\"")
      return nil
    }
    let host = url.host ?? ""
    if scheme == "mqtt+unix", host.isEmpty, url.port == nil, url.path.hasPrefix("/"), url.path != "/" {
      return (scheme, url.path, 0)
    }
    guard scheme == "mqtt" || scheme == "mqtts", !host.isEmpty, url.path.isEmpty || url.path == "/" else {
      report(origin, path, "\(expected), not \"\(shown)\"")
      return nil
    }
    let port = url.port ?? (scheme == "mqtt" ? 1883 : 8883)
    guard (1...65_535).contains(port) else {
      report(origin, path, "must have a port in 1…65535, not \(port)")
      return nil
    }
    return (scheme, host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host, port)
  }

  /// Nil when a mistake was recorded.
  mutating func readHTTP(_ values: SettingValues) -> HTTPSettings? {
    let path = "http.listen"
    let text = values.text(path)
    let tokenFile = values.optionalText("http.token_file")
    // A program that writes YAML may write a bare off as false.
    if text == "off" || text == "false" {
      return HTTPSettings(host: "127.0.0.1", port: 0, isEnabled: false, tokenFile: tokenFile)
    }
    guard let (host, port) = Self.hostAndPort(text) else {
      let shown = SettingValue.Failure.excerpt(text)
      report(
        values.origin(path), path,
        "must be host:port, e.g. 127.0.0.1:8080 or [::1]:8080, or off; not \"\(shown)\"")
      return nil
    }
    guard (0...65_535).contains(port) else {
      report(values.origin(path), path, "must be host:port with a port in 0…65535, not \(port)")
      return nil
    }
    var http = HTTPSettings(host: host, port: Int(port), isEnabled: true, tokenFile: tokenFile)
    readHTTPUsers(values, into: &http)
    let isOpen = tokenFile == nil && !http.hasUsers
    if !HTTPSettings.isLoopback(host), isOpen, !values.flag("http.allow_without_token") {
      report(
        values.origin(path), path,
        "\(host) can be reached from other machines: set http.token_file or http.users_file, too")
    }
    readHTTPRules(values, into: &http)
    return http
  }

  private mutating func readHTTPUsers(_ values: SettingValues, into http: inout HTTPSettings) {
    http.usersFile = values.optionalText("http.users_file")
    http.sessionIdleMs = values.number("http.session_idle")
    http.sessionLifetimeMs = values.number("http.session_lifetime")
    readIdentityProvider(values, into: &http)
    let addresses = values.words("http.trusted_proxy.addresses").compactMap(AddressRange.init)
    if !addresses.isEmpty {
      http.trustedProxy = TrustedProxySettings(
        addresses: addresses, userHeader: values.text("http.trusted_proxy.user_header"),
        roleHeader: values.text("http.trusted_proxy.role_header"))
      for key in ["http.trusted_proxy.user_header", "http.trusted_proxy.role_header"] {
        let isToken = values.text(key).utf8.allSatisfy {
          Identifier.isAlphanumeric($0) || $0 == UInt8(ascii: "-")
        }
        if !isToken { report(values.origin(key), key, "must be the name of a header: letters, digits and -") }
      }
    }
    if http.hasUsers, values.flag("http.allow_without_token") {
      report(
        values.origin("http.allow_without_token"), "http.allow_without_token",
        "must not be set together with users: every request needs one then")
    }
  }

  private mutating func readIdentityProvider(_ values: SettingValues, into http: inout HTTPSettings) {
    let names = ["issuer", "audience", "jwks_file", "jwks_url"]
    let texts = names.map { values.optionalText("http.oidc.\($0)") }
    guard let first = zip(names, texts).first(where: { $0.1 != nil }) else { return }
    let origin = values.origin("http.oidc.\(first.0)")
    guard let issuer = texts[0], let audience = texts[1] else {
      return report(origin, "http.oidc", "needs issuer and audience")
    }
    guard (texts[2] == nil) != (texts[3] == nil) else {
      return report(origin, "http.oidc", "needs jwks_file or jwks_url, and only one of them")
    }
    if let url = texts[3] {
      let path = "http.oidc.jwks_url"
      if let problem = NotifyURL.problem(url, schemes: ["https", "http"]) {
        report(values.origin(path), path, problem)
      } else if NotifyURL.isInTheClear(url) {
        report(values.origin(path), path, "must be https: whoever changes the keys on the way can log in")
      }
    }
    http.oidc = OIDCSettings(
      issuer: issuer, audience: audience, keysFile: texts[2], keysURL: texts[3],
      roleClaim: values.text("http.oidc.role_claim"),
      sitesClaim: values.optionalText("http.oidc.sites_claim"),
      userClaim: values.text("http.oidc.user_claim"))
  }

  private mutating func readHTTPRules(_ values: SettingValues, into http: inout HTTPSettings) {
    http.needsTokenForReads = values.flag("http.token_for_reads")
    if http.needsTokenForReads, http.tokenFile == nil, !http.hasUsers {
      report(
        values.origin("http.token_for_reads"), "http.token_for_reads",
        "needs http.token_file or http.users_file")
    }
    http.certFile = values.optionalText("http.cert_file")
    http.keyFile = values.optionalText("http.key_file")
    if (http.certFile == nil) != (http.keyFile == nil) {
      report(
        values.origin("http.cert_file") ?? values.origin("http.key_file"), "http",
        "cert_file and key_file belong together")
    }
    http.allowed = values.words("http.allow").compactMap(AddressRange.init)
    http.hosts = values.words("http.hosts")
    http.corsOrigins = values.words("http.cors_origins")
    http.rateLimit = Int(values.number("http.rate_limit"))
    http.maxBodyBytes = Int(values.number("http.max_body"))
    http.maxConnections = Int(values.number("http.max_connections"))
    http.maxConnectionsPerClient = Int(values.number("http.max_connections_per_client"))
    http.maxStreams = Int(values.number("http.max_streams"))
    http.idleTimeoutMs = values.number("http.idle_timeout")
    http.requestTimeoutMs = values.number("http.request_timeout")
  }

  /// Parses `name:1`, `1.2.3.4:5` or `[::1]:8080`.
  private static func hostAndPort(_ text: String) -> (host: String, port: Int64)? {
    guard let colon = text.lastIndex(of: ":"),
      let port = SettingValue.digits(text[text.index(after: colon)...])
    else { return nil }
    var host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    if isBracketed { host = host.dropFirst().dropLast() }
    let isClean = host.utf8.allSatisfy {
      $0 > UInt8(ascii: " ") && $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]") && $0 != UInt8(ascii: "/")
    }
    guard !host.isEmpty, isClean, host.contains(":") == isBracketed else { return nil }
    return (String(host), port)
  }
}
