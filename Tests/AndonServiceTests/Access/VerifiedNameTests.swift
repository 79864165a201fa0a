import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonAccess
@testable import AndonConfiguration
@testable import AndonRuntime
@testable import AndonStore

/// Who decided: the user over HTTP, and a name that was only sent everywhere else.
@Suite(.ownThread) struct VerifiedNameTests {
  private static let shared = "Authorization: Bearer shared-secret\r\n"
  private static let base = "/api/v1/sites/plant-a"

  private func site() throws -> AccessSite {
    try AccessSite(
      [try AccessSite.user("anna", .maintainer), try AccessSite.user("otto", .operator)],
      more: "drift: {window: 30, on_delay: 1m, clear_delay: 30s}")
  }

  private func store(_ site: AccessSite) throws -> SiteStore {
    try SiteStore.openForReading(path: "\(site.folder.path)/data/sites/plant-a.sqlite", siteID: "plant-a")
  }

  @Test func theUserDecidedWhateverNameTheRequestHas() throws {
    let site = try site()
    let nowMs = WallClock.system.nowMs
    let events = (0..<100).map {
      TestSite.event(nowMs - 300_000 + Int64($0) * 3000, worker: "W\($0 % 5)", confidence: "0.55")
    }
    let posted = try site.post(
      "\(Self.base)/cameras/cam-02/events", AccessSite.bearer("otto"),
      body: "[\(events.joined(separator: ","))]")
    #expect(posted.contains(#""received":100"#))
    let alarm = "\(Self.base)/alerts/plant-a%2Fdrift%2Fcam-02"
    let answer = try site.post("\(alarm)/ack?by=somebody+else", AccessSite.bearer("anna"))
    #expect(answer.contains(#""by":"anna","by_verified":true"#), "\(answer)")
    let body = try site.post(
      "\(alarm)/shelve", AccessSite.bearer("anna"), body: #"{"duration_s":60,"by":"x"}"#)
    #expect(body.contains(#""by":"anna","by_verified":true"#), "\(body)")
    let sent = try site.post("\(alarm)/unshelve?by=m.rossi", Self.shared)
    #expect(sent.contains(#""by":"m.rossi","by_verified":false"#), "\(sent)")
    let records = try store(site).database.read {
      try String.fetchAll(
        $0,
        sql:
          "SELECT record FROM alert_journal WHERE event IN ('acknowledged', 'shelved', 'unshelved') ORDER BY seq"
      )
    }
    #expect(records.count == 3)
    #expect(records.prefix(2).allSatisfy { $0.contains(#""by":"anna","by_verified":true"#) }, "\(records)")
    #expect(records.last?.contains(#""by":"m.rossi","by_verified":false"#) == true)
  }

  @Test func theSameForCamerasAndTheCalendar() throws {
    let site = try site()
    let event = TestSite.event(WallClock.system.nowMs)
    _ = try site.post("\(Self.base)/cameras/cam-01/events", AccessSite.bearer("otto"), body: event)
    for (headers, name, isVerified) in [(AccessSite.bearer("anna"), "anna", true), (Self.shared, "x", false)]
    {
      _ = try site.post("\(Self.base)/cameras/cam-01/out_of_service?reason=lens&by=x", headers)
      let out = try #require(try store(site).camerasOutOfService()["cam-01"])
      #expect(out.by == name && out.isByVerified == isVerified)
      let status = try site.get("/status", Self.shared)
      #expect(status.contains(#""by":"\#(name)","by_verified":\#(isVerified)"#), "\(status)")
    }
    for headers in [AccessSite.bearer("otto"), Self.shared] {
      let answer = try site.post("\(Self.base)/calendar/close?from=2050-12-24&reason=x&by=x", headers)
      #expect(answer.contains("200 OK"), "\(answer)")
    }
    let rows = try store(site).database.read {
      try Row.fetchAll($0, sql: "SELECT by, by_verified FROM calendar_change ORDER BY id").map {
        [$0[0], "\($0[1] as Int)"]
      }
    }
    #expect(rows == [["otto", "1"], ["x", "0"]])
  }

  /// A name in a message is a claim.
  @Test func aNameThatCameOverMQTTIsNotVerified() throws {
    let site = try AlarmSite()
    let nowMs = TestSite.nowMs
    for index in 0..<800 {
      let atMs = nowMs - Int64(799 - index) * 10_000
      site.clock.nowMs = atMs
      let confidence = index < 300 ? "0.88" : "0.65"
      site.add(TestSite.event(atMs, confidence: confidence, more: #","event_id":"\#(index)""#))
      if index % 50 == 49 { try site.commit(atMs: atMs) }
    }
    let answers = try site.commands([("alert", "ack", #"{"alert_id":"plant-a/drift/cam-01","by":"m.rossi"}"#)]
    )
    #expect(answers.map(\.code) == ["ok"])
    let records = try site.store.database.read {
      try String.fetchAll($0, sql: "SELECT record FROM alert_journal WHERE event = 'acknowledged'")
    }
    #expect(records.count == 1 && records[0].contains(#""by":"m.rossi","by_verified":false"#), "\(records)")
  }
}
