import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonRuntime

/// Names over HTTP and in `/metrics`, from a running bridge, and after a reload.
@Suite(.ownThread) struct NamesEndpointTests {
  private let folder: URL
  private let port: Int32
  private let broker: Broker
  private let process: AndonProcess
  private let startMs = WallClock.system.nowMs - 60_000

  init() throws {
    folder = try TemporaryFolder.make("names")
    port = try Broker.freePort()
    broker = try Broker()
    try "secret\n".write(toFile: folder.path + "/token", atomically: true, encoding: .utf8)
    try Self.configuration(press: "=1+1", folder, port, broker).write(
      toFile: folder.path + "/andon.yaml", atomically: true, encoding: .utf8)
    process = try AndonProcess(["run", "--config", folder.path + "/andon.yaml"], folder: folder)
    let port = port
    try waitUntil("the bridge", seconds: 60) {
      (try? RawHTTP.get(port: port, path: "/readyz").contains("200 OK")) == true
    }
  }

  private static func configuration(press: String, _ folder: URL, _ port: Int32, _ broker: Broker) -> String {
    """
    bridge: {id: b1, data_dir: \(folder.path)/data}
    broker: {url: 'mqtt://127.0.0.1:\(broker.port)'}
    http: {listen: '127.0.0.1:\(port)', rate_limit: 0, token_file: \(folder.path)/token, public_url: 'https://a.example'}
    kpi: {publish_interval: 200ms}
    alerts: {offline_delay: 0s, group_window: 0s}
    sites:
      - id: plant-a
        name: '<b>Plant</b>'
        timezone: UTC
        workstations: {S1: {name: '\(press)'}}
        areas: [{id: hall, lines: [{id: l1, name: Line 1, workstations: [S1], cameras: [cam-01]}]}]
        cameras: {cam-01: {name: Left, place: Column 7, workstations: [S1], contact: '4711'}}
    """
  }

  private func get(_ path: String, accept: String? = nil) throws -> String {
    let headers = accept.map { "Accept: \($0)\r\n" } ?? ""
    return try RawHTTP.get(port: port, path: path, headers: headers)
  }

  @Test func namesAreEverywhereAndFollowAReload() throws {
    let event =
      #"{"timestamp":\#(startMs),"worker_id":"W1","workstation_id":"S1","event_type":"working","confidence":0.9}"#
    let answer = try RawHTTP.post(
      port: port, path: "/api/v1/sites/plant-a/cameras/cam-01/events", body: "[\(event)]",
      headers: "Authorization: Bearer secret\r\nContent-Type: application/json\r\n")
    #expect(answer.contains(" 200 "))
    let site = "/api/v1/sites/plant-a"
    let names = try get("\(site)/names")
    #expect(names.contains(#""name":"<b>Plant</b>""#) && names.contains(#""contact":"4711""#), "\(names)")
    #expect(names.contains("application/json") && names.contains(#""id":"S1","name":"=1+1","line_id":"l1""#))
    let kpi = try get("\(site)/kpi?scope=workstation&window=hour")
    #expect(kpi.contains(#""name":"=1+1""#) && kpi.contains(#""line_id":"l1","area_id":"hall""#), "\(kpi)")
    // A spreadsheet must not take a name for a formula.
    let csv = try get("\(site)/kpi?scope=workstation&window=hour", accept: "text/csv")
    #expect(csv.contains(",'=1+1,") || csv.contains(",\"'=1+1\","), "\(csv)")
    try metricsHaveTheFigures()
    try anAlertSaysWhereItIs()
    try Self.configuration(press: "Press 1", folder, port, broker).write(
      toFile: folder.path + "/andon.yaml", atomically: true, encoding: .utf8)
    process.signal(SIGHUP)
    try waitUntil("the new name", seconds: 60) {
      try get("\(site)/names").contains(#""name":"Press 1""#)
        && get("\(site)/kpi?scope=workstation&window=hour").contains(#""name":"Press 1""#)
    }
  }

  private func metricsHaveTheFigures() throws {
    try waitUntil("the gauges", seconds: 60) {
      try get("/metrics").contains(
        #"andon_kpi_utilization_pct{site="plant-a",scope="workstation",id="S1",window="hour"} 100"#)
    }
    let metrics = try get("/metrics")
    #expect(
      metrics.contains(#"andon_kpi_utilization_pct{site="plant-a",scope="line",id="l1",window="hour"}"#))
    #expect(!metrics.contains(#"scope="worker""#) && !metrics.contains("W1"))
    #expect(metrics.contains("andon_unlisted_sites 0"))
  }

  private func anAlertSaysWhereItIs() throws {
    for word in ["online", "offline"] {
      _ = try Command.run(
        "/usr/bin/mosquitto_pub",
        ["-p", "\(broker.port)", "-q", "1", "-t", "andon/v1/plant-a/camera/cam-01/status", "-m", word])
    }
    try waitUntil("the alert", seconds: 60) {
      let alerts = try get("/api/v1/sites/plant-a/alerts")
      return alerts.contains(#""class":"camera_offline""#) && alerts.contains(#""state":"unack_active""#)
        && alerts.contains(#""name":"Left""#) && alerts.contains(#""place":"Column 7""#)
        && alerts.contains(
          #""link":"https://a.example/#/plant-a/alerts?find=plant-a/camera_offline/cam-01""#)
        && alerts.contains(#""action_id":"check_power_and_network""#)
    }
  }
}
