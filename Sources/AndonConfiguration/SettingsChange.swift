/// The difference between the running configuration and a new one.
package struct SettingsChange: Sendable {
  package var added: [SiteSettings] = []
  /// By id.
  package var removed: [String] = []
  /// Sites that stay with other settings.
  package var changed: [SiteSettings] = []
  /// Changed keys of the whole process: they take effect at its next start.
  package var needsRestart: [String] = []

  package init(from old: Settings, to new: Settings) {
    let known = Dictionary(uniqueKeysWithValues: old.sites.map { ($0.id, $0) })
    for site in new.sites {
      guard let before = known[site.id] else {
        added.append(site)
        continue
      }
      if before != site { changed.append(site) }
    }
    let kept = Set(new.sites.map(\.id))
    removed = old.sites.map(\.id).filter { !kept.contains($0) }
    needsRestart = Self.processKeys.filter { !$0.isSame(old, new) }.map(\.path)
  }

  package var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty }

  private struct ProcessKey: Sendable {
    var path: String
    var isSame: @Sendable (Settings, Settings) -> Bool
  }

  private static func key<Value: Equatable & SendableMetatype>(
    _ path: String, _ value: @escaping @Sendable (Settings) -> Value
  ) -> ProcessKey {
    ProcessKey(path: path) { value($0) == value($1) }
  }

  /// The keys outside the sections that a site may override, as far as a running bridge uses them.
  private static let processKeys: [ProcessKey] = [
    key("bridge.id") { $0.bridge.id }, key("bridge.data_dir") { $0.bridge.dataDirectory },
    key("broker.url") { [$0.broker.scheme, $0.broker.host, "\($0.broker.port)"] },
    key("broker.username") { $0.broker.username },
    key("broker.password_file") { $0.broker.passwordFile },
    key("broker.tls.ca_file") { $0.broker.tls?.caFile },
    key("broker.tls.cert_file") { $0.broker.tls?.certFile },
    key("broker.tls.key_file") { $0.broker.tls?.keyFile },
    key("broker.session_expiry") { $0.broker.sessionExpirySeconds },
    key("broker.keep_alive") { $0.broker.keepAliveSeconds }, key("topics.root") { $0.topics.root },
    key("topics.scalar_tags") { $0.topics.scalarTags }, key("sparkplug.enabled") { $0.sparkplug.isEnabled },
    key("sparkplug.primary_host") { $0.sparkplug.primaryHost },
    key("uns.enterprise") { $0.enterprise },
    key("discovery.home_assistant") { $0.discovery.isForHomeAssistant },
    key("discovery.prefix") { $0.discovery.prefix },
    key("http.listen") { [$0.http.isEnabled ? "on" : "off", $0.http.host, "\($0.http.port)"] },
    key("http.token_file") { $0.http.tokenFile }, key("http.users_file") { $0.http.usersFile },
    key("http.oidc.issuer") { $0.http.oidc?.issuer }, key("http.oidc.audience") { $0.http.oidc?.audience },
    key("http.oidc.jwks_file") { $0.http.oidc?.keysFile },
    key("http.oidc.jwks_url") { $0.http.oidc?.keysURL },
    key("http.oidc.role_claim") { $0.http.oidc?.roleClaim },
    key("http.oidc.sites_claim") { $0.http.oidc?.sitesClaim },
    key("http.oidc.user_claim") { $0.http.oidc?.userClaim },
    key("http.trusted_proxy.addresses") { $0.http.trustedProxy?.addresses },
    key("http.trusted_proxy.user_header") { $0.http.trustedProxy?.userHeader },
    key("http.trusted_proxy.role_header") { $0.http.trustedProxy?.roleHeader },
    key("http.session_idle") { $0.http.sessionIdleMs },
    key("http.session_lifetime") { $0.http.sessionLifetimeMs },
    key("http.token_for_reads") { $0.http.needsTokenForReads }, key("http.cert_file") { $0.http.certFile },
    key("http.key_file") { $0.http.keyFile }, key("http.allow") { $0.http.allowed },
    key("http.cors_origins") { $0.http.corsOrigins }, key("http.rate_limit") { $0.http.rateLimit },
    key("http.max_body") { $0.http.maxBodyBytes }, key("http.max_connections") { $0.http.maxConnections },
    key("http.hosts") { $0.http.hosts },
    key("http.max_connections_per_client") { $0.http.maxConnectionsPerClient },
    key("http.max_streams") { $0.http.maxStreams }, key("http.idle_timeout") { $0.http.idleTimeoutMs },
    key("http.request_timeout") { $0.http.requestTimeoutMs },
    key("notify.heartbeat.url") { $0.heartbeat?.url.text },
    key("notify.heartbeat.url_file") { $0.heartbeat?.url.file },
    key("notify.heartbeat.every") { $0.heartbeat?.everyMs },
    key("notify.heartbeat.ca_file") { $0.heartbeat?.caFile },
    key("central.mode") { $0.central.mode }, key("central.url") { $0.central.url },
    key("central.password_file") { $0.central.passwordFile },
    key("central.events") { $0.central.sendsEvents }, key("central.scopes") { $0.central.scopes },
    key("central.retention") { $0.central.retentionMs },
    key("central.backlog_bytes") { $0.central.backlogBytes },
    key("central.connections") { $0.central.connections },
    key("central.cluster") { $0.central.cluster }, key("central.beat") { $0.central.beatMs },
    key("central.ttl") { $0.central.ttlMs }, key("central.broker_grace") { $0.central.brokerGraceMs },
    key("central.accept_single_node") { $0.central.acceptsSingleNode },
  ]
}
