package import AndonConfiguration
package import AndonCore
import AndonRuntime
import AndonStore
import Curl
import Foundation

/// Makes the requests of one route at one site.
package struct NotifyRequests: Sendable {
  package let settings: NotifyRouteSettings
  private let siteName: String
  private let cameras: [String: CameraDescription]
  private let calendar: SiteCalendar

  /// How long an Alertmanager keeps an alert that it does not hear of again: longer than the bridge takes to restart.
  static let keepsMs: Int64 = 3_600_000

  package init(_ settings: NotifyRouteSettings, site: SiteSettings, calendar: SiteCalendar) {
    self.settings = settings
    siteName = site.name.map { "\(site.id) (\($0))" } ?? site.id
    cameras = site.cameras
    self.calendar = calendar
  }

  /// - Parameter rows: one; an Alertmanager also takes several.
  /// - Throws: an unreadable payload.
  func request(_ rows: [NotificationRow], _ access: NotifyAccess, nowMs: Int64) throws -> CurlRequest {
    switch settings.kind {
    case .webhook: webhook(rows.first?.payload ?? [], access)
    case .smtp: try mail(rows.first, access, nowMs: nowMs)
    case .alertmanager: try alertmanager(rows, access, nowMs: nowMs)
    }
  }

  /// Reaches the receiver and tells it nothing.
  func greeting(_ access: NotifyAccess) -> CurlRequest {
    settings.kind == .alertmanager
      ? make(Self.address(access.url, "api/v2/status"), .get, access) : make(access.url, .greet, access)
  }

  private func make(_ url: String, _ work: CurlRequest.Work, _ access: NotifyAccess) -> CurlRequest {
    var request = CurlRequest(url: url, work: work)
    (request.username, request.password) = (settings.username, access.password)
    (request.caFile, request.timeoutMs) = (settings.caFile, settings.timeoutMs)
    request.needsTLS = NotifyURL.needsTLS(access.url, caFile: settings.caFile)
    if let token = access.token { request.headers.append("Authorization: Bearer \(token)") }
    return request
  }

  private static func address(_ root: String, _ path: String) -> String {
    root.hasSuffix("/") ? root + path : "\(root)/\(path)"
  }

  // MARK: Webhook

  private func webhook(_ payload: [UInt8], _ access: NotifyAccess) -> CurlRequest {
    var request = make(access.url, .post(body: payload), access)
    request.headers += ["Content-Type: application/json", "X-Andon-Route: \(settings.route.id)"]
    if let key = access.signatureKey {
      request.headers.append("X-Andon-Signature: sha256=\(KeyedHash.hex(payload, key: Array(key.utf8)))")
    }
    return request
  }

  // MARK: Alertmanager

  private func alertmanager(
    _ rows: [NotificationRow], _ access: NotifyAccess, nowMs: Int64
  ) throws -> CurlRequest {
    let alerts = try rows.map { try alert(AlertEvent($0.payload), priority: $0.priority, nowMs: nowMs) }
    let url = Self.address(access.url, "api/v2/alerts")
    var request = make(url, .post(body: JSONWriter.array(alerts)), access)
    request.headers.append("Content-Type: application/json")
    return request
  }

  /// The labels are the alert's identity there: they must not change while it is open, so the priority is that of its
  /// first page.
  private func alert(_ event: AlertEvent, priority: String, nowMs: Int64) -> [UInt8] {
    var labels = JSONWriter()
    let texts = [
      ("alertname", "andon_\(event.alertClass)"), ("site", event.siteID), ("source", event.sourceID),
      ("class", event.alertClass), ("rule", event.rule), ("severity", priority),
      ("model_version", event.modelVersion ?? ""), ("alert_id", event.alertID),
    ]
    // A label without text counts as missing there.
    for (name, text) in texts where !text.isEmpty { labels.field(name, text) }
    var annotations = JSONWriter()
    annotations.field("summary", event.message)
    annotations.field("event", event.event)
    if let id = event.occurrenceID { annotations.field("occurrence_id", id) }
    if let by = event.by { annotations.field("by", by) }
    let words = [
      ("name", event.name), ("place", event.place), ("workstation", event.workstationName),
      ("line", event.lineID), ("action", event.action), ("link", event.link),
    ]
    for (name, text) in words { if let text { annotations.field(name, text) } }
    let startsMs = event.raisedMs ?? event.atMs
    var alert = JSONWriter()
    alert.field("labels", json: labels.end())
    alert.field("annotations", json: annotations.end())
    // Its page makes of this the link "Source".
    if let link = event.link { alert.field("generatorURL", link) }
    alert.field("startsAt", CivilTime.text(epochMs: startsMs))
    alert.field(
      "endsAt", CivilTime.text(epochMs: max(startsMs, event.isOver ? nowMs : nowMs + Self.keepsMs)))
    return alert.end()
  }

  // MARK: Mail

  /// Of the camera. It is looked up here and not part of the event: the journal of alerts keeps that for years.
  private func contact(_ event: AlertEvent) -> String? {
    guard AlarmRule(rawValue: event.rule)?.isOfCamera == true else { return nil }
    return cameras[event.sourceID]?.contact
  }

  private func mail(_ row: NotificationRow?, _ access: NotifyAccess, nowMs: Int64) throws -> CurlRequest {
    let event = try AlertEvent(row?.payload ?? [])
    func time(_ ms: Int64?) -> String? { ms.map { calendar.localText($0) } }
    let lines: [(String, String?)] = [
      ("Site", siteName), ("Line", event.lineID), ("Where", event.whereabouts),
      ("Workstation", event.workstationName), ("Alert", event.alertID), ("Priority", event.priority),
      ("State", event.state),
      ("Since", time(event.sinceMs)), ("Raised", time(event.raisedMs)), ("Cleared", time(event.clearedMs)),
      ("What happened", event.event), ("By", event.by), ("Comment", event.comment),
      ("Model", event.modelVersion.flatMap { $0.isEmpty ? nil : $0 }), ("What to do", event.action),
      ("Contact", contact(event)), ("Dashboard", event.link),
    ]
    let table = lines.compactMap { name, text in text.map { "\(name): \($0)" } }.joined(separator: "\r\n")
    let calls = event.page ? "\r\n\r\nAcknowledge it at a panel or on Andon's dashboard." : ""
    let message = MailMessage(
      from: settings.from, to: settings.to,
      subject: "[\(event.siteID)] \(event.headline)\(event.name.map { "\($0), " } ?? "")\(event.message)",
      text: "\(event.message)\r\n\r\n\(table)\(calls)\r\n",
      identity: "\(event.occurrenceID ?? "0").\(event.revision).\(settings.route.id)", dateMs: nowMs)
    return make(access.url, .mail(from: settings.from, to: settings.to, body: message.bytes), access)
  }
}
