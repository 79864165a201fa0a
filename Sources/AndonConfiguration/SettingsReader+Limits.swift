import AndonCore
import Yams

extension SettingsReader {
  /// `{own-yolo-3: {drift: {limit: 0.68}}}`: the drift limits of single model versions.
  ///
  /// - Parameter isKey: whether a name can be one of them; `rule` says which can.
  mutating func readLimits(
    _ node: Node?, path: String, rule: String, isKey: (String) -> Bool
  ) -> [String: DriftLimits.Override] {
    guard let node, !Self.isNothing(node) else { return [:] }
    var limits: [String: DriftLimits.Override] = [:]
    let expected = "must be a section, e.g. {own-yolo-3: {drift: {limit: 0.68}}}"
    for member in members(of: node, path, expected: expected) {
      let childPath = "\(path).\(member.name)"
      guard isKey(member.name) else {
        report(member.key, childPath, rule)
        continue
      }
      let parts = parts(of: member.value, childPath, among: ["drift"])
      guard let drift = parts["drift"] else { continue }
      limits[member.name] = readLimit(drift, path: "\(childPath).drift")
    }
    return limits
  }

  mutating func readLimit(_ node: Node, path: String) -> DriftLimits.Override {
    let parts = parts(of: node, path, among: ["limit", "clear_limit"])
    let limit = parts["limit"].flatMap { readFraction($0, "\(path).limit") }
    let clear = parts["clear_limit"].flatMap { readFraction($0, "\(path).clear_limit") }
    if let limit, let clear, clear < limit {
      recordClearLimit(
        .line(parts["clear_limit"]?.mark?.line), "\(path).clear_limit", Int64(clear), Int64(limit))
    }
    return DriftLimits.Override(limitPpm: limit, clearLimitPpm: clear)
  }

  private mutating func readFraction(_ node: Node, _ path: String) -> Int32? {
    let text = node.scalar?.string ?? ""
    do {
      guard case .number(let ppm) = try SettingValue(text, kind: .fraction) else { return nil }
      return Int32(ppm)
    } catch {
      report(node, path, error.message(found: text))
      return nil
    }
  }
}
