import Foundation
import Postgres
import TestSupport
import Testing

@testable import AndonCentral

/// Rows other than events and figures.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct CentralRowTests {
  private func alert(_ rev: Int64, _ state: String, _ event: String) -> [(name: String, value: ShippedField)]
  {
    let record =
      #"{"state":"\#(state)","severity":700,"rule":"drift","acked_by":"Anna","message":"m","model_version":"v"}"#
    return [
      ("number", .number(rev)), ("first_ms", .number(rev)), ("alert_id", .text("plant-a/drift/cam-01")),
      ("occurrence_id", .text("o1")), ("rev", .number(rev)),
      ("event", .text(event)), ("page", .flag(true)), ("at_ms", .number(rev)), ("noted_ms", .number(rev)),
      ("record", .json(Array(record.utf8))),
    ]
  }

  private func stop(_ rev: Int64, endMs: Int64?) -> [(name: String, value: ShippedField)] {
    let open: [(name: String, value: ShippedField)] = [
      ("workstation_id", .text("a1")), ("start_ms", .number(5)), ("duration_ms", .number(7)),
      ("kind", .text("idle")),
      ("shift_id", .text("early")), ("rev", .number(rev)),
    ]
    guard let endMs else { return open }
    return open + [
      ("end_ms", .number(endMs)), ("payload", .json(Array(#"{"reason":"jam","planned":true}"#.utf8))),
    ]
  }

  private func report(_ rev: Int64, isRetracted: Bool) -> [(name: String, value: ShippedField)] {
    [
      ("scope", .text("site")), ("id", .text("plant-a")), ("start_ms", .number(1)), ("end_ms", .number(2)),
      ("shift_id", .text("early")), ("rev", .number(rev)), ("retracted", .flag(isRetracted)),
      ("record", .json(Array("{}".utf8))),
    ]
  }

  @Test func alertsStopsAndReportsFollowTheirRevisions() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    let first = database.shipment("plant-a", epoch: epoch, 1...1) {
      $0.add(.alerts, alert(1, "unack_active", "raised"), site: $1)
      $0.add(.stops, stop(1, endMs: nil), site: $1)
      $0.add(.reports, report(1, isRetracted: false), site: $1)
    }
    #expect(try session.ship(first) == [.applied(events: 0)])
    #expect(
      try database.text("SELECT alert_id, state, severity FROM andon.alert_open")
        == "plant-a/drift/cam-01|unack_active|700")
    #expect(try database.text("SELECT workstation_id, kind FROM andon.stop_open") == "a1|idle")
    #expect(try database.text("SELECT id, record FROM andon.reports") == "plant-a|{}")
    let second = database.shipment("plant-a", epoch: epoch, 2...2) {
      $0.add(.alerts, alert(2, "normal", "cleared"), site: $1)
      // An older row that comes later changes no state.
      $0.add(.alerts, alert(1, "unack_active", "raised"), site: $1)
      $0.add(.stops, stop(2, endMs: 12), site: $1)
      $0.add(.stops, stop(1, endMs: nil), site: $1)
      $0.add(.reports, report(2, isRetracted: true), site: $1)
    }
    #expect(try session.ship(second) == [.applied(events: 0)])
    #expect(try database.text("SELECT count(*) FROM andon.alert_open") == "0")
    #expect(try database.text("SELECT count(*) FROM andon.alerts") == "2")
    #expect(try database.text("SELECT count(*) FROM andon.stop_open") == "0")
    #expect(try database.text("SELECT end_ms, reason, planned FROM andon.stops") == "12|jam|t")
    #expect(try database.text("SELECT count(*) FROM andon.reports") == "0")
  }

  /// Two versions of a model count their revisions each for itself.
  @Test func alertsOfTwoModelsAreTwo() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    let shipment = database.shipment("plant-a", epoch: epoch, 1...1) {
      for number in Int64(1)...3 {
        var fields = alert(1, "unack_active", "raised")
        fields[0] = ("number", .number(number))
        $0.add(.alerts, fields, site: $1)
      }
      // An older copy of the file gave the number again.
      var fields = alert(1, "unack_active", "raised")
      fields[1] = ("first_ms", .number(99))
      $0.add(.alerts, fields, site: $1)
    }
    #expect(try session.ship(shipment) == [.applied(events: 0)])
    #expect(
      try database.text("SELECT number, first_ms FROM andon.alert ORDER BY 1, 2") == "1|1\n1|99\n2|1\n3|1")
  }

  @Test func whatPeopleDecidedIsKeptOnce() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    for seq in Int64(1)...2 {
      let shipment = database.shipment("plant-a", epoch: epoch, seq...seq) {
        $0.add(
          .reasons,
          [
            ("number", .number(1)), ("workstation_id", .text("a1")), ("start_ms", .number(5)),
            ("reason", .text("jam")),
            ("by", .text("Anna")),
            ("at_ms", .number(6)),
          ], site: $1)
        $0.add(
          .targets,
          [
            ("number", .number(1)), ("at_ms", .number(1)), ("scope", .text("line")), ("subject", .text("l1")),
            ("from_ms", .number(1)),
            ("micro_units_per_hour", .number(1_500_000)), ("by", .text("Anna")),
          ], site: $1)
        $0.add(
          .calendar,
          [
            ("number", .number(1)), ("at_ms", .number(1)), ("action", .text("close")),
            ("from_day", .number(20_000)),
            ("to_day", .number(20_001)),
            ("by", .text("Anna")),
          ], site: $1)
      }
      #expect(try session.ship(shipment) == [.applied(events: 0)])
      #expect(try database.text("SELECT reason, number FROM andon.stop_reason") == "jam|1")
      #expect(try database.text("SELECT subject, round(units_per_hour, 2) FROM andon.targets") == "l1|1.50")
      #expect(try database.text("SELECT action, from_day FROM andon.calendar_changes") == "close|20000")
    }
  }
}
