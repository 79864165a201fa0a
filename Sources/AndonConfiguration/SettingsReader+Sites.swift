import AndonCore
import Foundation
import Yams

extension SettingsReader {
  private static let knownZones = TimeZone.knownTimeZoneIdentifiers

  mutating func readSites(_ node: Node?, defaults: SettingValues) -> [SiteSettings] {
    if let node, node.sequence == nil, !Self.isNothing(node) {
      report(node, "sites", "must be a list of sites, each after a dash")
      return []
    }
    guard let sequence = node?.sequence, !sequence.isEmpty else {
      report(node, "sites", "must list at least one site")
      return []
    }
    var sites: [SiteSettings] = []
    for (index, child) in sequence.enumerated() {
      guard let site = readSite(child, path: "sites[\(index)]", defaults: defaults) else { continue }
      recordTwin(of: site.id, in: sites.map(\.id), child.mapping?["id"], "sites[\(index)].id")
      sites.append(site)
    }
    return sites
  }

  private mutating func readSite(_ node: Node, path: String, defaults: SettingValues) -> SiteSettings? {
    var own = SettingValues()
    let known = SiteKey.all.names(below: "") + SettingKey.sections.filter(SettingKey.siteSections.contains)
    let parts = parts(of: node, path, among: known)
    for section in known where SettingKey.siteSections.contains(section) {
      if let child = parts[section] { readSection(child, path: section, prefix: "\(path).", into: &own) }
    }
    var values = own
    values.lay(over: defaults)
    adjustDrift(&values, own: own, defaults: defaults, path: path)
    checkRetention(values, own: own, path: path)
    checkPrivacy(values, own: own, path: path)
    let id = readID(parts["id"], in: node, "\(path).id")
    let zone = readZone(parts["timezone"], in: node, "\(path).timezone")
    let name = parts["name"].flatMap { readName($0, "\(path).name") }
    let shifts = readShifts(parts["shifts"], path: "\(path).shifts")
    let workers = readNames(parts["workers"], path: "\(path).workers")
    let workstations = readNames(parts["workstations"], path: "\(path).workstations")
    let areas = readAreas(
      parts["areas"], path: "\(path).areas", workstations: workstations.keys.sorted())
    let calendar = readCalendar(
      parts["calendar"], path: "\(path).calendar", shifts: shifts, ofLines: areas.shifts)
    let groups = readGroups(
      parts["camera_groups"], path: "\(path).camera_groups", site: id, layout: areas.layout)
    let cameras = readCameras(
      parts["cameras"], path: "\(path).cameras", workstations: workstations.keys.sorted())
    let modelLimits = readLimits(
      parts["models"], path: "\(path).models", rule: "a model version has 1 to 64 characters"
    ) { (1...64).contains($0.unicodeScalars.count) }
    let targets = readTargets(
      parts["targets"], path: "\(path).targets", site: id, layout: areas.layout,
      workstations: workstations.keys.sorted())
    let reasons = readReasons(in: parts["stops"], path: "\(path).stops.reasons")
    guard let id else { return nil }
    var site = SiteSettings(
      id: id, name: name, timeZone: zone, shifts: shifts, calendar: calendar, workers: workers,
      workstations: workstations, values: values)
    (site.layout, site.lineShifts) = (areas.layout, areas.shifts)
    site.cameraGroups = groups
    site.stops.reasons = reasons ?? defaultReasons
    site.targets = targets
    site.cameraLimits = cameras.limits
    site.cameras = cameras.descriptions
    site.modelLimits = modelLimits
    return site
  }

  /// Events that are still accepted must not be older than the retention: their figures would be incomplete.
  private mutating func checkRetention(_ values: SettingValues, own: SettingValues, path: String) {
    let (retention, maxAge) = (RetentionSettings(values).eventsMs, values.number("ingest.max_age"))
    let day: Int64 = 86_400_000
    guard retention < maxAge + day else { return }
    let purpose = "store.retention.events"
    let kept = values.origin(purpose) == nil ? "store.retention" : purpose
    let key =
      own.origin("ingest.max_age") != nil && own.origin(kept) == nil ? "ingest.max_age" : kept
    let message = "\(kept) must be at least a day longer than ingest.max_age"
    guard let origin = values.origin(key) ?? values.origin("ingest.max_age") else { return }
    report(origin, own.origin(key) == nil ? key : "\(path).\(key)", message)
  }

  private mutating func checkPrivacy(_ values: SettingValues, own: SettingValues, path: String) {
    let workers = values.text("privacy.workers")
    func refuse(_ key: String, _ message: String) {
      guard let origin = values.origin(key) else { return }
      report(origin, own.origin(key) == nil ? key : "\(path).\(key)", message)
    }
    if workers == "off", values.text("privacy.rotate") == "never" {
      refuse("privacy.rotate", "never is for workers: pseudonym; with off, one of shift, day, week")
    }
    if workers == "off", values.flag("privacy.ranking") {
      refuse("privacy.ranking", "there are no workers to rank with workers: off")
    }
  }

  /// A site that sets only the limit, above the inherited clear limit, keeps the distance between the two.
  private mutating func adjustDrift(
    _ values: inout SettingValues, own: SettingValues, defaults: SettingValues, path: String
  ) {
    let (limit, clear) = (values.number("drift.limit"), values.number("drift.clear_limit"))
    let distance = defaults.number("drift.clear_limit") - defaults.number("drift.limit")
    guard clear < limit else { return }
    if let origin = own.origin("drift.clear_limit") {
      recordClearLimit(origin, "\(path).drift.clear_limit", clear, limit)
    } else if distance >= 0, let origin = own.origin("drift.limit") {
      values.set("drift.clear_limit", .number(min(1_000_000, limit + distance)), origin)
    }
  }

  private mutating func readZone(_ node: Node?, in parent: Node, _ path: String) -> String {
    let expected = "must be an IANA time zone such as Europe/Berlin"
    guard let node else {
      if parent.mapping != nil { report(parent, path, "is missing: \(expected)") }
      return ""
    }
    guard let zone = readText(node, path) else { return "" }
    // Foundation also knows abbreviations (PST) and offsets (GMT+5), which have no daylight saving time. Its
    // list of known names lacks some that are in use (Asia/Kolkata).
    let isNamed = zone == "UTC" || zone.contains("/") || Self.knownZones.contains(zone)
    if !isNamed || TimeZone(identifier: zone) == nil {
      let hint = Suggestion.text(for: zone, among: Self.knownZones)
      report(node, path, SettingValue.Failure(expected: expected).message(found: zone) + hint)
    }
    return zone
  }

  /// `{W1: {name: …}}`: names by id; an id without a name is its own name.
  private mutating func readNames(_ node: Node?, path: String) -> [String: String] {
    guard let node else { return [:] }
    var names: [String: String] = [:]
    var byLowercase: [String: String] = [:]
    for member in members(of: node, path, expected: "must be a section of ids, e.g. {W1: {name: Anna}}") {
      let childPath = Self.join(path, member.name)
      guard Identifier.isValid(member.name) else {
        report(member.key, childPath, "an id must be 1 to 64 of [A-Za-z0-9_-]")
        continue
      }
      if let twin = byLowercase.updateValue(member.name, forKey: member.name.lowercased()) {
        recordTwin(of: member.name, in: [twin], member.key, childPath)
      }
      names[member.name] = member.name
      for part in members(of: member.value, childPath, expected: "must be a section, e.g. {name: Anna}") {
        if part.name == "name" {
          if let name = readName(part.value, "\(childPath).name") { names[member.name] = name }
        } else {
          recordUnknown(part, childPath, among: ["name"])
        }
      }
    }
    return names
  }

  /// The members by name; unknown ones are recorded as mistakes.
  mutating func parts(of node: Node, _ path: String, among known: [String]) -> [String: Node] {
    var parts: [String: Node] = [:]
    if Self.isNothing(node) { report(node, path, "must be a section of keys") }
    for member in members(of: node, path) {
      if known.contains(member.name) {
        parts[member.name] = member.value
      } else {
        recordUnknown(member, path, among: known)
      }
    }
    return parts
  }

  mutating func readID(_ node: Node?, in parent: Node, _ path: String) -> String? {
    let failure = SettingValue.Failure(expected: "must be 1 to 64 of [A-Za-z0-9_-]")
    guard let node, !Self.isNothing(node) else {
      if parent.mapping != nil { report(parent, path, "\(failure.expected); it is missing") }
      return nil
    }
    guard let text = readText(node, path) else { return nil }
    guard Identifier.isValid(text) else {
      report(node, path, failure.message(found: text))
      return nil
    }
    return text
  }

  mutating func readText(_ node: Node, _ path: String) -> String? {
    guard let text = node.scalar?.string, !Self.isNothing(node) else {
      report(node, path, "must be text")
      return nil
    }
    do {
      _ = try SettingValue(text, kind: .text)
      return text
    } catch {
      report(node, path, error.message(found: text))
      return nil
    }
  }

  /// Ids that differ only in case would share a file on some systems, and people confuse them.
  mutating func recordTwin(of id: String, in others: [String], _ node: Node?, _ path: String) {
    guard let twin = others.first(where: { $0.lowercased() == id.lowercased() }) else { return }
    report(node, path, "\"\(id)\" is there already" + (twin == id ? "" : " as \"\(twin)\""))
  }
}
