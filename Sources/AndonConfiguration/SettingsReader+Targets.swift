import AndonCore
import Yams

extension SettingsReader {
  /// `[{scope: line, id: l1, units_per_hour: 120}]`.
  mutating func readTargets(
    _ node: Node?, path: String, site: String?, layout: SiteLayout, workstations: [String]
  ) -> [TargetSubject: TargetRate] {
    guard let node, !Self.isNothing(node) else { return [:] }
    guard let items = node.sequence else {
      report(node, path, "must be a list of targets, e.g. [{scope: line, id: l1, units_per_hour: 120}]")
      return [:]
    }
    var targets: [TargetSubject: TargetRate] = [:]
    for (index, child) in items.enumerated() {
      let childPath = "\(path)[\(index)]"
      let parts = parts(of: child, childPath, among: SiteKey.all.names(below: "targets[]"))
      let rate = readRate(parts["units_per_hour"], in: child, "\(childPath).units_per_hour")
      guard let scope = readScope(parts["scope"], in: child, "\(childPath).scope"),
        let id = readSubject(parts["id"], scope, in: child, "\(childPath).id", site: site)
      else { continue }
      let known = scope == .line ? layout.lines.map(\.id) : scope == .workstation ? workstations : []
      if scope == .line || (scope == .workstation && !known.isEmpty), !known.contains(id) {
        let hint = Suggestion.text(for: id, among: known)
        report(
          parts["id"] ?? child, "\(childPath).id", "\"\(id)\" is no \(scope.rawValue) of the site" + hint)
        continue
      }
      if let rate, targets.updateValue(rate, forKey: TargetSubject(scope, id)) != nil {
        report(parts["id"] ?? child, "\(childPath).id", "\"\(id)\" has a target already")
      }
    }
    return targets
  }

  private mutating func readScope(_ node: Node?, in parent: Node, _ path: String) -> TargetScope? {
    let expected = "must be one of workstation, line, site"
    guard let node, let text = node.scalar?.string, !Self.isNothing(node) else {
      if parent.mapping != nil { report(node ?? parent, path, expected) }
      return nil
    }
    guard let scope = TargetScope(rawValue: text) else {
      let hint = Suggestion.text(for: text, among: TargetScope.allCases.map(\.rawValue))
      report(node, path, SettingValue.Failure(expected: expected).message(found: text) + hint)
      return nil
    }
    return scope
  }

  private mutating func readSubject(
    _ node: Node?, _ scope: TargetScope, in parent: Node, _ path: String, site: String?
  ) -> String? {
    guard scope == .site else { return readID(node, in: parent, path) }
    guard let node else { return site }
    guard let id = readID(node, in: parent, path) else { return nil }
    if let site, id != site { report(node, path, "\"\(id)\" is not this site, which is \"\(site)\"") }
    return site
  }

  private mutating func readRate(_ node: Node?, in parent: Node, _ path: String) -> TargetRate? {
    let expected = "must be a number of units, more than 0 and at most 10000000"
    guard let node, let text = node.scalar?.string, !Self.isNothing(node) else {
      if parent.mapping != nil { report(node ?? parent, path, "is missing: \(expected)") }
      return nil
    }
    guard let rate = Double(text).flatMap({ TargetRate(unitsPerHour: $0) }) else {
      report(node, path, SettingValue.Failure(expected: expected).message(found: text))
      return nil
    }
    return rate
  }
}
