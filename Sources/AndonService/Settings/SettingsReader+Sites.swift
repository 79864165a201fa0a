import AndonCore
import Foundation
import Yams

extension SettingsReader {
  private static let siteKeys = [
    "id", "name", "timezone", "shifts", "workers", "workstations", "ingest", "kpi", "drift", "limits",
  ]

  mutating func readSites(_ node: Node?, defaults: SettingValues) -> [SiteSettings] {
    guard let sequence = node?.sequence, !sequence.isEmpty else {
      note(node, "sites", "must list at least one site")
      return []
    }
    var sites: [SiteSettings] = []
    for (index, child) in sequence.enumerated() {
      guard let site = readSite(child, path: "sites[\(index)]", defaults: defaults) else { continue }
      if let other = sites.first(where: { $0.id.lowercased() == site.id.lowercased() }) {
        note(child, "sites[\(index)].id", "\"\(site.id)\" is there already as \"\(other.id)\"")
      }
      sites.append(site)
    }
    return sites
  }

  private mutating func readSite(_ node: Node, path: String, defaults: SettingValues) -> SiteSettings? {
    var values = defaults
    var members: [String: Node] = [:]
    for (key, child) in pairs(node, path) {
      guard Self.siteKeys.contains(key) else {
        note(child, "\(path).\(key)", "unknown key" + Suggestion.text(for: key, among: Self.siteKeys))
        continue
      }
      members[key] = child
      if SettingKey.siteSections.contains(key) {
        readSection(child, path: key, prefix: "\(path).", into: &values)
      }
    }
    guard let id = members["id"]?.string, Identifier.isValid(id) else {
      note(members["id"] ?? node, "\(path).id", "must be 1 to 64 of [A-Za-z0-9_-]")
      return nil
    }
    let zone = members["timezone"]?.string ?? ""
    if TimeZone(identifier: zone) == nil || !TimeZone.knownTimeZoneIdentifiers.contains(zone) && zone != "UTC"
    {
      let hint = Suggestion.text(for: zone, among: TimeZone.knownTimeZoneIdentifiers)
      note(
        members["timezone"] ?? node, "\(path).timezone",
        "must be an IANA time zone such as Europe/Berlin, not \"\(zone)\"" + hint)
    }
    let shifts = readShifts(members["shifts"], path: "\(path).shifts")
    checkDrift(values, path: path, node)
    return SiteSettings(
      id: id, name: members["name"]?.string, timeZone: zone, shifts: shifts,
      workers: readNames(members["workers"], path: "\(path).workers"),
      workstations: readNames(members["workstations"], path: "\(path).workstations"),
      values: values)
  }

  private mutating func checkDrift(_ values: SettingValues, path: String, _ node: Node) {
    if values.number("drift.clear_limit") < values.number("drift.limit") {
      note(node, "\(path).drift.clear_limit", "must not be below drift.limit")
    }
  }

  /// `{W1: {name: …}}`
  private mutating func readNames(_ node: Node?, path: String) -> [String: String] {
    guard let node else { return [:] }
    var names: [String: String] = [:]
    for (id, child) in pairs(node, path) {
      guard Identifier.isValid(id) else {
        note(child, "\(path).\(id)", "an id must be 1 to 64 of [A-Za-z0-9_-]")
        continue
      }
      for (key, value) in pairs(child, "\(path).\(id)") {
        if key == "name" {
          names[id] = value.string
        } else {
          note(value, "\(path).\(id).\(key)", "unknown key; did you mean name?")
        }
      }
    }
    return names
  }

  private mutating func readShifts(_ node: Node?, path: String) -> [ShiftSettings] {
    guard let node else { return [] }
    guard let sequence = node.sequence else {
      note(node, path, "must be a list of shifts")
      return []
    }
    var shifts: [ShiftSettings] = []
    for (index, child) in sequence.enumerated() {
      if let shift = readShift(child, path: "\(path)[\(index)]") { shifts.append(shift) }
    }
    if let (first, second) = ShiftOverlap.find(in: shifts) {
      note(node, path, "\"\(first)\" and \"\(second)\" overlap")
    }
    return shifts
  }

  private mutating func readShift(_ node: Node, path: String) -> ShiftSettings? {
    var members: [String: Node] = [:]
    for (key, child) in pairs(node, path) {
      guard ["id", "start", "end", "breaks"].contains(key) else {
        note(
          child, "\(path).\(key)",
          "unknown key" + Suggestion.text(for: key, among: ["id", "start", "end", "breaks"]))
        continue
      }
      members[key] = child
    }
    let id = members["id"]?.string ?? ""
    if !Identifier.isValid(id) {
      note(members["id"] ?? node, "\(path).id", "must be 1 to 64 of [A-Za-z0-9_-]")
    }
    guard let start = readTime(members["start"], node, "\(path).start"),
      let end = readTime(members["end"], node, "\(path).end")
    else { return nil }
    var shift = ShiftSettings(id: id, startMinute: start, endMinute: end, breaks: [])
    for (index, pause) in (members["breaks"]?.sequence.map(Array.init) ?? []).enumerated() {
      let pausePath = "\(path).breaks[\(index)]"
      guard let from = readTime(pause["start"], pause, "\(pausePath).start"),
        let to = readTime(pause["end"], pause, "\(pausePath).end")
      else { continue }
      let length = ShiftOverlap.length(start, end)
      let (offset, offsetEnd) = (ShiftOverlap.offset(from, from: start), ShiftOverlap.offset(to, from: start))
      if offset >= offsetEnd || offsetEnd > length { note(pause, pausePath, "must lie inside its shift") }
      shift.breaks.append(BreakSettings(startMinute: from, endMinute: to))
    }
    return shift
  }

  /// `"06:00"`. YAML 1.1 reads a bare 06:00 as a number in base 60; the text is what counts here.
  private mutating func readTime(_ node: Node?, _ parent: Node, _ path: String) -> Int? {
    let parts = (node?.string ?? "").split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = Int(parts[0]),
      let minute = Int(parts[1]), (0...23).contains(hour), (0...59).contains(minute)
    else {
      note(node ?? parent, path, "must be a time of day in quotes, e.g. \"06:00\"")
      return nil
    }
    return hour * 60 + minute
  }
}

extension SiteSettings {
  fileprivate init(
    id: String, name: String?, timeZone: String, shifts: [ShiftSettings], workers: [String: String],
    workstations: [String: String], values: SettingValues
  ) {
    self.init(
      id: id, name: name, timeZone: timeZone, shifts: shifts, workers: workers, workstations: workstations,
      ingest: IngestSettings(
        minConfidencePpm: Int32(values.number("ingest.min_confidence")),
        stateTimeoutMs: values.number("ingest.state_timeout"), maxAgeMs: values.number("ingest.max_age"),
        maxFutureMs: values.number("ingest.max_future"), assumeUTC: values.flag("ingest.assume_utc")),
      kpi: KPISettings(
        publishIntervalMs: values.number("kpi.publish_interval"), windows: Set(values.words("kpi.windows")),
        latenessMs: values.number("kpi.lateness")),
      drift: DriftSettingsValues(
        window: Int(values.number("drift.window")), limitPpm: Int32(values.number("drift.limit")),
        clearLimitPpm: Int32(values.number("drift.clear_limit")), onDelayMs: values.number("drift.on_delay"),
        gapCreditMs: values.number("drift.gap_credit"), clearDelayMs: values.number("drift.clear_delay")),
      limits: LimitSettings(
        workers: Int(values.number("limits.workers")),
        workstations: Int(values.number("limits.workstations")),
        cameras: Int(values.number("limits.cameras")),
        modelVersions: Int(values.number("limits.model_versions")),
        batchMessages: Int(values.number("limits.batch_messages")),
        batchBytes: Int(values.number("limits.batch_bytes")),
        quarantineRows: Int(values.number("limits.quarantine_rows"))))
  }
}
