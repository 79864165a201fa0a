import Foundation

@testable import AndonOverview

/// A fleet of two brokers, and the messages of bridges as text.
enum FleetSample {
  static let root = "andon/v1"
  static let nowMs: Int64 = 1_796_000_000_000

  static func fleet(_ change: (inout FleetLimits) -> Void = { _ in }) -> Fleet {
    var limits = FleetLimits()
    limits.figuresEveryMs = 0
    change(&limits)
    var fleet = Fleet(
      brokers: [("north", root, "https://north.example/#/{site}"), ("south", root, nil)], limits: limits)
    fleet.connected(broker: 0, nowMs: nowMs)
    fleet.connected(broker: 1, nowMs: nowMs)
    return fleet
  }

  static func kpi(
    _ site: String, window: String = "shift", atMs: Int64 = nowMs, quality: Int = 192, units: Int = 90,
    target: Int? = nil, more: String = ""
  ) -> (String, String) {
    let targets = target.map { #""target_units":\#($0),"gap_units":\#(units - $0),"# } ?? ""
    return (
      "\(root)/\(site)/kpi/site/\(site)/\(window)",
      #"{"timestamp_ms":\#(atMs),"site_id":"\#(site)","scope":"site","id":"\#(site)","window":"\#(window)","#
        + #""window_start_ms":\#(nowMs - 3_600_000),"window_end_ms":\#(nowMs + 3_600_000),"units":\#(units),"#
        + #"\#(targets)"utilization_pct":83.25,\#(more)"quality":\#(quality)}"#
    )
  }

  static func alert(
    _ site: String, _ source: String = "cam-01", state: String = "unack_active", severity: Int = 500
  ) -> (String, String) {
    (
      "\(root)/\(site)/alert/drift/\(source)",
      #"{"timestamp_ms":\#(nowMs),"site_id":"\#(site)","alert_id":"\#(site)/drift/\#(source)","state":"\#(state)","#
        + #""severity":\#(severity),"rule":"confidence_low","source_id":"\#(source)","message":"Low.","raised_ms":\#(nowMs - 5)}"#
    )
  }

  static func summary(_ site: String, active: Int, unacked: Int) -> (String, String) {
    (
      "\(root)/\(site)/alert_summary",
      #"{"timestamp_ms":\#(nowMs),"site_id":"\#(site)","active":\#(active),"unacked":\#(unacked),"highest_severity":500}"#
    )
  }

  static func name(_ site: String, _ name: String) -> (String, String) {
    ("\(root)/\(site)/meta/site", #"{"site_id":"\#(site)","name":"\#(name)","time_zone":"UTC","cameras":[]}"#)
  }

  static func heartbeat(_ bridge: String, _ sites: [String], held: [String: String] = [:]) -> (String, String)
  {
    let troubles = held.map {
      #"{"site_id":"\#($0.key)","state":"held","since_ms":1,"reason":"\#($0.value)"}"#
    }
    return (
      "\(root)/_bridge/\(bridge)/status",
      #"{"timestamp_ms":1,"site_ids":[\#(sites.map { "\"\($0)\"" }.joined(separator: ","))],"troubles":[\#(troubles.joined(separator: ","))]}"#
    )
  }

  static func availability(_ bridge: String, _ word: String) -> (String, String) {
    ("\(root)/_bridge/\(bridge)/availability", word)
  }
}

extension Fleet {
  /// Applies a text; the outcome.
  @discardableResult
  mutating func apply(
    _ message: (topic: String, text: String), broker: Int = 0, isRetained: Bool = false,
    nowMs: Int64 = FleetSample.nowMs
  ) -> FleetOutcome {
    apply(
      broker: broker, topic: message.topic, payload: Array(message.text.utf8).span, isRetained: isRetained,
      nowMs: nowMs)
  }

  /// No more of what the broker keeps comes, also when it is asked again for what did not.
  mutating func settle(broker: Int = 0) {
    complete(broker: broker)
    for _ in 0..<Fleet.doubtfulAskings { asked(broker: broker, sites: sitesToAsk(broker: broker)) }
  }

  /// The tile of a site after an update.
  mutating func tile(_ site: String, broker: Int = 0, nowMs: Int64 = FleetSample.nowMs) -> SiteTile? {
    _ = update(nowMs: nowMs)
    return sites[FleetKey(broker: broker, site: site)]?.tile
  }

  /// State and reason of a site after an update.
  mutating func state(_ site: String, broker: Int = 0, nowMs: Int64 = FleetSample.nowMs) -> String? {
    tile(site, broker: broker, nowMs: nowMs).map { "\($0.state)/\($0.reason)" }
  }
}
