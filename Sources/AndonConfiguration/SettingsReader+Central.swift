import AndonCore
import Yams

/// Reads `central:`.
extension SettingsReader {
  mutating func readCentral(_ values: SettingValues) -> CentralSettings {
    var central = CentralSettings()
    let mode = values.text("central.mode")
    central.mode = CentralSettings.Mode(rawValue: mode) ?? .off
    central.url = values.optionalText("central.url")
    if let url = central.url {
      checkCentralURL(url, values.origin("central.url"))
    } else if central.mode != .off {
      report(
        values.origin("central.mode"), "central.url",
        "is needed when central.mode is \(mode), e.g. postgresql://andon_bridge@pg1/andon")
    }
    central.passwordFile = values.optionalText("central.password_file")
    central.sendsEvents = values.flag("central.events")
    central.scopes = Set(values.words("central.scopes").compactMap(KPIScope.init))
    central.retentionMs = values.number("central.retention")
    central.backlogBytes = values.number("central.backlog_bytes")
    central.connections = Int(values.number("central.connections"))
    readFleet(values, &central)
    return central
  }

  /// What does not go together with a fleet.
  mutating func checkFleet(_ values: SettingValues, _ sites: Node?) {
    if let sites, !Self.isNothing(sites) {
      report(
        sites, "sites",
        "must be left out with central.mode: fleet; andon fleet apply brings sites to all bridges")
    }
    if values.number("broker.keep_alive") < 30_000 {
      report(
        values.origin("broker.keep_alive"), "broker.keep_alive",
        "must be at least 30s with central.mode: fleet: acknowledgements wait for the database for up to 10 s"
      )
    }
    if values.flag("sparkplug.enabled") {
      report(
        values.origin("sparkplug.enabled"), "sparkplug.enabled",
        "must be false with central.mode: fleet: a Sparkplug edge node does not move between bridges yet")
    }
  }

  private mutating func readFleet(_ values: SettingValues, _ central: inout CentralSettings) {
    central.cluster = values.text("central.cluster")
    (central.beatMs, central.ttlMs) = (values.number("central.beat"), values.number("central.ttl"))
    central.brokerGraceMs = values.number("central.broker_grace")
    central.acceptsSingleNode = values.flag("central.accept_single_node")
    if central.ttlMs < 3 * central.beatMs {
      report(
        values.origin("central.ttl") ?? values.origin("central.beat"), "central.ttl",
        "must be at least three times central.beat: else a bridge is given up after one late sign of life")
    }
  }

  /// Messages never show the text: it may contain a password.
  private mutating func checkCentralURL(_ url: String, _ origin: SettingOrigin?) {
    let schemes = ["postgresql://", "postgres://"]
    guard let scheme = schemes.first(where: url.hasPrefix) else {
      return report(
        origin, "central.url", "must begin with postgresql://, as in postgresql://andon_bridge@pg1/andon")
    }
    let authority = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
    guard let at = authority.lastIndex(of: "@"), at != authority.startIndex else {
      return report(origin, "central.url", "must name a user: postgresql://andon_bridge@pg1/andon")
    }
    if authority[..<at].contains(":") || url.contains("password=") {
      report(origin, "central.url", "must not hold a password: use central.password_file")
    }
  }
}
