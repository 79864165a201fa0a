import AndonCore
import Curl
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonNotify
@testable import AndonStore

/// Pages say what it is about, where, what to do, and whom to ask.
@Suite(.ownThread) struct NotifyNamesTests {
  private static let cameras =
    ", workstations: {S1: {name: Press 1}}, areas: [{id: hall, lines: [{id: l1, workstations: [S1]}]}]"
    + ", cameras: {cam-01: {name: 'Left, \u{201C}A\u{201D}', place: Column 7, workstations: [S1], contact: '4711'}}"

  private func row(_ site: NotifySite) throws -> (payload: [UInt8], settings: SiteSettings) {
    try site.goOffline()
    let json = try #require(try site.store.alarmJournal(limit: 10).last { $0.page }?.json)
    var settings = site.site.base.site
    settings.publicURL = "https://andon.example"
    return (Array(json.utf8), settings)
  }

  private func request(_ kind: NotifyRouteSettings.Kind, _ payload: [UInt8], _ site: SiteSettings) throws
    -> CurlRequest
  {
    var route = NotifyRouteSettings(
      route: NotifyRoute(id: "r"), kind: kind,
      url: NotifyURL(text: kind == .smtp ? "smtp://localhost" : "http://localhost"))
    (route.from, route.to) = ("a@b.example", ["c@d.example"])
    let requests = NotifyRequests(route, site: site, calendar: SiteCalendar(site))
    let row = NotificationRow(
      sequence: 1, alertID: "plant-a/camera_offline/cam-01", modelVersion: "", priority: "medium",
      queuedMs: 1,
      payload: payload)
    return try requests.request([row], try NotifyAccess(route), nowMs: TestSite.nowMs)
  }

  @Test func theJournalHasTheNames() throws {
    let receiver = try HTTPReceiver()
    let site = try NotifySite(["id: hook, kind: webhook, url: '\(receiver.url)'"], more: Self.cameras)
    let event = try AlertEvent(try row(site).payload)
    #expect(
      event.name == "Left, \u{201C}A\u{201D}" && event.place == "Column 7"
        && event.workstationName == "Press 1")
    #expect(event.lineID == "l1" && event.action == AlarmAction.checkPowerAndNetwork.text)
    // A contact is no part of what is kept for years.
    #expect(try !String(decoding: row(site).payload, as: UTF8.self).contains("4711"))
  }

  @Test func aMailSaysWhereWhatToDoAndWhomToAsk() throws {
    let site = try NotifySite([], more: Self.cameras)
    let (payload, settings) = try row(site)
    guard case .mail(_, _, let body) = try request(.smtp, payload, settings).work else {
      Issue.record("no mail")
      return
    }
    let parts = String(decoding: body, as: UTF8.self).components(separatedBy: "\r\n\r\n")
    let text = try #require(
      Data(base64Encoded: parts[1].replacing("\r\n", with: "")).map { String(decoding: $0, as: UTF8.self) })
    #expect(text.contains("Where: Left, \u{201C}A\u{201D} (Column 7)\r\n") && text.contains("Line: l1\r\n"))
    #expect(text.contains("What to do: Check the camera's power and network.\r\n"))
    #expect(text.contains("Contact: 4711"))
    // The headers stay headers.
    #expect(parts[0].contains("\r\nSubject: =?UTF-8?B?") && !parts[0].contains("Column 7"))
  }

  @Test func anAlertmanagerGetsNamesAsAnnotationsAndTheLinkAsItsSource() throws {
    let site = try NotifySite([], more: Self.cameras)
    let (payload, settings) = try row(site)
    var event = try #require(try JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any])
    event["link"] = "https://andon.example/#/plant-a/alerts?find=x"
    let linked = Array(try JSONSerialization.data(withJSONObject: event))
    guard case .post(let body) = try request(.alertmanager, linked, settings).work else {
      Issue.record("no post")
      return
    }
    let alerts = try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [[String: Any]])
    let annotations = try #require(alerts[0]["annotations"] as? [String: String])
    #expect(
      annotations["name"] == "Left, \u{201C}A\u{201D}" && annotations["place"] == "Column 7"
        && annotations["line"] == "l1")
    #expect(annotations["link"] == alerts[0]["generatorURL"] as? String && annotations["link"] != nil)
    // Names are no labels: a new name would be another alert there.
    #expect((alerts[0]["labels"] as? [String: String])?["name"] == nil)
  }
}
