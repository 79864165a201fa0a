package import AndonConfiguration
import AndonCore
import AndonStore
import Curl

/// Sends a test through a route, or only asks whether its receiver can be reached. Without a bridge or a site's file.
package struct NotifyTrial {
  private let requests: NotifyRequests
  private let site: SiteSettings

  package init(_ route: NotifyRouteSettings, site: SiteSettings) {
    requests = NotifyRequests(route, site: site, calendar: SiteCalendar(site))
    self.site = site
  }

  /// Sends a test notification.
  ///
  /// - Returns: a remark, or nil when all is well.
  /// - Throws: `NotifyTrialFailure`, with the reason and without any secret.
  package func send(nowMs: Int64) throws -> String? {
    let payload = Self.payload(site: site.id, nowMs: nowMs)
    let row = NotificationRow(
      sequence: 0, alertID: "\(site.id)/test/andon", modelVersion: "", priority: "low", queuedMs: nowMs,
      payload: payload)
    return try perform { try requests.request([row], $0, nowMs: nowMs) }
  }

  /// Reaches the receiver, with its certificate and, for a mail server, the login. Nothing is sent.
  package func reach() throws -> String? { try perform { requests.greeting($0) } }

  private func perform(_ make: (NotifyAccess) throws -> CurlRequest) throws -> String? {
    let access: NotifyAccess
    do { access = try NotifyAccess(requests.settings) } catch {
      throw NotifyTrialFailure(description: "\(error)")
    }
    let request = try make(access)
    let result = try CurlClient.perform(request)
    if case .greet = request.work {
      guard result.failure != nil else { return nil }
    }
    switch NotifyVerdict(result, requests.settings.kind) {
    case .taken(let note): return note.map(access.withoutSecrets)
    case .refused(let words), .failed(let words):
      throw NotifyTrialFailure(description: access.withoutSecrets(words))
    }
  }

  /// An `alert_event` object that says that it is a test. An Alertmanager resolves it by itself.
  package static func payload(site: String, nowMs: Int64) -> [UInt8] {
    var writer = JSONWriter()
    writer.field("timestamp_ms", nowMs)
    writer.field("ts", CivilTime.text(epochMs: nowMs))
    writer.field("site_id", site)
    writer.field("alert_id", "\(site)/test/andon")
    writer.field("occurrence_id", "test\(nowMs)")
    writer.field("class", "test")
    writer.field("source_id", "andon")
    writer.field("rule", "test")
    writer.field("state", "unack_active")
    for (name, flag) in [("active", true), ("acked", false), ("shelved", false), ("stale", false)] {
      writer.field(name, flag)
    }
    writer.field("insufficient_data", false)
    writer.field("severity", 200)
    writer.field("priority", "low")
    writer.field("metric", "test")
    writer.field("since_ms", nowMs)
    writer.field("raised_ms", nowMs)
    writer.field("rev", 1)
    writer.field("event", "test")
    writer.field("from_state", "normal")
    writer.field("page", true)
    writer.field("at_ms", nowMs)
    writer.field("message", "andon: this is a test, nothing is wrong")
    return writer.end()
  }
}

/// A test did not arrive.
package struct NotifyTrialFailure: Error, CustomStringConvertible {
  package let description: String
}
