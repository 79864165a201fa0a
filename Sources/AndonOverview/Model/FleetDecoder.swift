import AndonCore

/// Reads the payloads that bridges publish. Unknown fields are no mistake: a bridge may be newer. Bytes that are not what
/// the topic promises are refused.
package struct FleetDecoder: Sendable {
  package enum Refusal: Error { case unreadable, tooLarge, ignored }

  private let prefix: String
  /// `meta/site` has the names of all cameras and workstations.
  static let namesLimit = 262_144
  /// All others.
  static let limit = 65_536
  private static let textLimit = 400
  private static let nameLimit = 120
  private static let siteLimit = 1000

  /// - Parameter root: of the broker's topics.
  package init(root: String) { prefix = root + "/" }

  /// Cost: O(bytes).
  package func decode(_ topic: String, _ payload: Span<UInt8>) throws(Refusal) -> FleetMessage {
    guard topic.hasPrefix(prefix) else { throw .ignored }
    let levels = topic.dropFirst(prefix.count).split(separator: "/", omittingEmptySubsequences: false)
    guard levels.count > 1, topic.utf8.count <= 512 else { throw .ignored }
    guard payload.count <= (levels[1] == "meta" ? Self.namesLimit : Self.limit) else { throw .tooLarge }
    let site = String(levels[0])
    if site == "_bridge" { return try bridge(levels, payload) }
    guard Identifier.isValid(site) else { throw .unreadable }
    switch (levels[1], levels.count) {
    case ("kpi", 5):
      guard levels[2] == "site" else { throw .ignored }
      guard levels[3] == site else { throw .unreadable }
      return try figures(site, String(levels[4]), payload)
    case ("alert", 4): return try alert(site, "\(levels[2])/\(levels[3])", payload)
    case ("alert_summary", 2): return try summary(site, payload)
    case ("meta", 3):
      guard levels[2] == "site" else { throw .ignored }
      return try name(site, payload)
    case ("cmd_result", 4): return try commandResult(site, payload)
    default: throw .ignored
    }
  }

  // MARK: Sites

  private func figures(
    _ site: String, _ window: String, _ payload: Span<UInt8>
  ) throws(Refusal) -> FleetMessage {
    guard payload.count > 0 else { return .noFigures(site: site, window: window) }
    guard let kind = WindowKind(rawValue: window) else { throw .ignored }
    var figures = FleetFigures(window: kind)
    var hasTime = false
    for member in try members(payload) {
      switch member.name {
      case "site_id", "id": guard member.text == site else { throw .unreadable }
      case "timestamp_ms":
        figures.timestampMs = try instant(member)
        hasTime = true
      case "window_start_ms": figures.startMs = try instant(member)
      case "window_end_ms": figures.endMs = try instant(member)
      case "shift_id": figures.shiftID = try text(member, Self.nameLimit)
      case "quality": figures.quality = try whole(member)
      case "withheld": figures.isWithheld = try flag(member)
      case "utilization_pct": figures.utilization = try scaled(member, 100)
      case "coverage_pct": figures.coverage = try scaled(member, 100)
      case "pace_pct": figures.pace = try scaled(member, 100)
      case "units": figures.units = try whole(member)
      case "target_units": figures.targetUnits = try whole(member)
      case "gap_units": figures.gapUnits = try whole(member)
      case "forecast_units": figures.forecastUnits = try whole(member)
      case "target_total_units": figures.targetTotalUnits = try whole(member)
      case "workers_present": figures.workersPresent = try whole(member)
      case "workers_working": figures.workersWorking = try whole(member)
      case "stops": figures.stops = try whole(member)
      case "unplanned_stop_s": figures.unplannedStopMs = try scaled(member, 1000)
      default: break
      }
    }
    guard hasTime, figures.startMs < figures.endMs else { throw .unreadable }
    return .figures(site: site, figures)
  }

  private func alert(_ site: String, _ topic: String, _ payload: Span<UInt8>) throws(Refusal) -> FleetMessage
  {
    guard payload.count > 0 else { return .alert(site: site, topic: topic, nil) }
    var alert = OpenAlert(alertID: "", state: .unackActive, severity: 0)
    var state = ""
    for member in try members(payload) {
      switch member.name {
      case "site_id": guard member.text == site else { throw .unreadable }
      case "alert_id": alert.alertID = try text(member, 256)
      case "state": state = try text(member, 32)
      case "severity": alert.severity = try whole(member)
      case "rule": alert.rule = try text(member, Self.nameLimit)
      case "source_id": alert.sourceID = try text(member, Self.nameLimit)
      case "message": alert.message = try text(member, Self.textLimit)
      case "name": alert.name = try text(member, Self.nameLimit)
      case "since_ms": alert.sinceMs = try instant(member)
      case "raised_ms": alert.raisedMs = try instant(member)
      case "acked_by": alert.ackedBy = try text(member, Self.nameLimit)
      case "action": alert.action = try text(member, Self.textLimit)
      case "link": alert.link = Self.address(try text(member, Self.textLimit))
      default: break
      }
    }
    // As bridges make it: commands and the list name an alert by it.
    guard alert.alertID == "\(site)/\(topic)", !state.isEmpty, 0...1000 ~= alert.severity else {
      throw .unreadable
    }
    // Normal, pending and shelved ones are not open.
    guard let open = OpenAlert.State(rawValue: state) else {
      return .alert(site: site, topic: topic, nil)
    }
    alert.state = open
    return .alert(site: site, topic: topic, alert)
  }

  /// Only what a browser may follow.
  private static func address(_ text: String) -> String? {
    text.hasPrefix("https://") || text.hasPrefix("http://") ? text : nil
  }

  private func summary(_ site: String, _ payload: Span<UInt8>) throws(Refusal) -> FleetMessage {
    guard payload.count > 0 else { return .summary(site: site, nil) }
    var numbers: [String: Int64] = [:]
    for member in try members(payload) {
      if ["active", "unacked", "highest_severity"].contains(member.name) {
        numbers[member.name] = try whole(member)
      }
      if member.name == "site_id", member.text != site { throw .unreadable }
    }
    guard let active = numbers["active"], let unacked = numbers["unacked"], active >= 0, unacked >= 0 else {
      throw .unreadable
    }
    return .summary(
      site: site,
      FleetSummary(active: active, unacked: unacked, highestSeverity: numbers["highest_severity"] ?? 0))
  }

  private func name(_ site: String, _ payload: Span<UInt8>) throws(Refusal) -> FleetMessage {
    guard payload.count > 0 else { return .name(site: site, nil) }
    var name = FleetMessage.SiteName(name: site)
    for member in try members(payload) {
      if member.name == "site_id", member.text != site { throw .unreadable }
      if member.name == "name" { name.name = try text(member, Self.nameLimit) }
      if member.name == "time_zone" { name.timeZone = try text(member, 64) }
    }
    return .name(site: site, name)
  }

  private func commandResult(_ site: String, _ payload: Span<UInt8>) throws(Refusal) -> FleetMessage {
    var answer = CommandAnswer(requestID: "", isOK: false, code: "")
    for member in try members(payload) {
      switch member.name {
      case "req_id": answer.requestID = try text(member, 64)
      case "ok": answer.isOK = try flag(member)
      case "code": answer.code = try text(member, 64)
      case "detail": answer.detail = try text(member, Self.textLimit)
      default: break
      }
    }
    guard !answer.code.isEmpty else { throw .unreadable }
    return .commandResult(site: site, answer)
  }

  // MARK: Bridges

  private func bridge(_ levels: [Substring], _ payload: Span<UInt8>) throws(Refusal) -> FleetMessage {
    guard levels.count == 3 else { throw .ignored }
    let bridge = String(levels[1])
    guard Identifier.isValid(bridge) else { throw .unreadable }
    switch levels[2] {
    case "availability":
      guard payload.count > 0 else { return .availability(bridge: bridge, isOnline: nil) }
      if Self.equals(payload, "online") { return .availability(bridge: bridge, isOnline: true) }
      if Self.equals(payload, "offline") { return .availability(bridge: bridge, isOnline: false) }
      throw .unreadable
    case "status":
      guard payload.count > 0 else { return .heartbeat(bridge: bridge, nil) }
      return .heartbeat(bridge: bridge, try heartbeat(payload))
    default: throw .ignored
    }
  }

  private static func equals(_ payload: Span<UInt8>, _ word: StaticString) -> Bool {
    guard payload.count == word.utf8CodeUnitCount else { return false }
    for (index, byte) in word.description.utf8.enumerated() where payload[index] != byte { return false }
    return true
  }

  private func heartbeat(_ payload: Span<UInt8>) throws(Refusal) -> FleetMessage.Heartbeat {
    var heartbeat = FleetMessage.Heartbeat()
    for member in try members(payload) {
      if member.name == "site_ids" {
        heartbeat.sites = try list(member).prefix(Self.siteLimit).compactMap { element in
          let text = String(decoding: element.dropFirst().dropLast(), as: UTF8.self)
          return element.first == UInt8(ascii: "\"") && Identifier.isValid(text) ? text : nil
        }
      }
      guard member.name == "troubles" else { continue }
      for element in try list(member).prefix(Self.siteLimit) {
        guard let fields = JSONMember.all(of: element.span) else { throw .unreadable }
        guard let site = fields.first(where: { $0.name == "site_id" })?.text, Identifier.isValid(site) else {
          throw .unreadable
        }
        let reason = fields.first { $0.name == "reason" }?.text ?? ""
        heartbeat.troubles[site] = Self.short(reason, Self.textLimit)
      }
    }
    return heartbeat
  }

  // MARK: Values

  private func members(_ payload: Span<UInt8>) throws(Refusal) -> [JSONMember] {
    guard let members = JSONMember.all(of: payload) else { throw .unreadable }
    return members
  }

  private func list(_ member: JSONMember) throws(Refusal) -> [[UInt8]] {
    guard member.kind == .composite, let list = JSONMember.elements(of: Array(member.text.utf8).span) else {
      throw .unreadable
    }
    return list
  }

  private func text(_ member: JSONMember, _ limit: Int) throws(Refusal) -> String {
    guard member.kind == .string else { throw .unreadable }
    return Self.short(member.text, limit)
  }

  /// Without control characters, at most `limit` characters.
  private static func short(_ text: String, _ limit: Int) -> String {
    let isPlain = text.utf8.count <= limit && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    if isPlain { return text }
    let scalars = text.unicodeScalars.lazy.filter { $0.value >= 0x20 && $0.value != 0x7F }.prefix(limit)
    return String(String.UnicodeScalarView(scalars))
  }

  private func flag(_ member: JSONMember) throws(Refusal) -> Bool {
    guard member.kind == .scalar, let flag = Bool(member.text) else { throw .unreadable }
    return flag
  }

  private func instant(_ member: JSONMember) throws(Refusal) -> Int64 {
    let value = try whole(member)
    guard value >= 0 else { throw .unreadable }
    return value
  }

  private func whole(_ member: JSONMember) throws(Refusal) -> Int64 { try scaled(member, 1) }

  /// The number times `factor`, rounded; bounded so that sums of them cannot overflow.
  private func scaled(_ member: JSONMember, _ factor: Double) throws(Refusal) -> Int64 {
    guard member.kind == .scalar else { throw .unreadable }
    if factor == 1, let whole = Int64(member.text), whole.magnitude < 1_000_000_000_000_000 { return whole }
    guard let number = Double(member.text), number.isFinite, abs(number * factor) < 1e15 else {
      throw .unreadable
    }
    return Int64((number * factor).rounded())
  }
}
