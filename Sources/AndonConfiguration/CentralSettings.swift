package import AndonCore
import Foundation

/// The central database of several plants, and what this bridge sends to it.
package struct CentralSettings: Sendable, Equatable {
  package enum Mode: String, Sendable, CaseIterable {
    /// Nothing is sent.
    case off
    /// A copy, seconds behind; the site's file stays the truth.
    case history
    /// The database is the truth, and bridges take over from each other: an event is acknowledged when it is there.
    case fleet
  }

  package var mode = Mode.off
  /// A connection URL without a password; set where the mode is not off.
  package var url: String?
  package var passwordFile: String?
  /// Whether events are sent, too.
  package var sendsEvents = false
  /// Whose figures are sent.
  package var scopes: Set<KPIScope> = [.site, .workstation]
  /// How old events and figures of workers may become there, milliseconds.
  package var retentionMs: Int64 = 90 * 86_400_000
  /// What a site's file keeps at most for a database that is away, bytes.
  package var backlogBytes: Int64 = 1 << 30
  /// At one time.
  package var connections = 2
  /// In a fleet: stands for the bridge's id in client ids, as sites move from bridge to bridge.
  package var cluster = "andon"
  /// In a fleet: how often a bridge says that it lives, and after what silence others take its sites, milliseconds.
  package var beatMs: Int64 = 2000
  package var ttlMs: Int64 = 8000
  /// In a fleet: how long a bridge without any broker keeps its sites while another one has a broker, milliseconds.
  package var brokerGraceMs: Int64 = 60_000
  /// In a fleet: a server without a synchronous standby is accepted. If it dies, what was acknowledged is lost.
  package var acceptsSingleNode = false

  /// Whether a server whose commits are on one machine only is refused.
  package var needsStandby: Bool { mode == .fleet && !acceptsSingleNode }

  package init() {}

  /// The hosts and the database, for people: without user and options.
  package var place: String {
    var text = (url ?? "")[...]
    if let scheme = text.range(of: "://") { text = text[scheme.upperBound...] }
    text = text.prefix { $0 != "?" }
    if let user = text.lastIndex(of: "@") { text = text[text.index(after: user)...] }
    return String(text)
  }

  /// What of the wish a site's privacy lets out of the plant: no figures of workers where workers are no scope, and no
  /// events there or where figures of small groups are withheld, as those could be computed from them.
  package func selection(of site: SiteSettings) -> (events: Bool, scopes: Set<KPIScope>) {
    (
      sendsEvents && site.privacy.showsWorkers && site.privacy.minGroup <= 1,
      scopes.intersection(site.privacy.scopes)
    )
  }

  /// The password; nil without a file.
  ///
  /// - Throws: `SettingsError`, which names the file and never its content.
  package func readPassword() throws -> String? {
    try passwordFile.map { try SecretFile.read($0, for: "central.password_file") }
  }
}
