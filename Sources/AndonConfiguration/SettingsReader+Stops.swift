import AndonCore
import Yams

extension SettingsReader {
  /// `[{id: material, name: "No material"}, {id: changeover, planned: true}]` in a section `stops`; nil when the section
  /// has no such key.
  mutating func readReasons(in section: Node?, path: String) -> [StopReason]? {
    guard let node = section?.mapping?["reasons"] else { return nil }
    var reasons: [StopReason] = []
    let children = list(node, path, of: "reasons, e.g. [{id: material, name: \"No material\"}]")
    for (index, child) in children.enumerated() {
      let childPath = "\(path)[\(index)]"
      let parts = parts(of: child, childPath, among: ReasonKey.all.names(below: ""))
      let name = parts["name"].flatMap { readText($0, "\(childPath).name") }
      let isPlanned = parts["planned"].flatMap { readFlag($0, "\(childPath).planned") }
      guard let id = readID(parts["id"], in: child, "\(childPath).id") else { continue }
      recordTwin(of: id, in: reasons.map(\.id), parts["id"], "\(childPath).id")
      if id.lowercased() == StopReason.none {
        report(parts["id"], "\(childPath).id", "\"\(id)\" is reserved: it takes a reason away")
      }
      reasons.append(StopReason(id: id, name: name ?? id, isPlanned: isPlanned ?? false))
    }
    if children.count > StopReason.limit {
      report(node, path, "must have at most \(StopReason.limit) reasons; it has \(children.count)")
    }
    return reasons
  }

  private mutating func readFlag(_ node: Node, _ path: String) -> Bool? {
    let text = node.scalar?.string ?? ""
    do {
      guard case .flag(let isOn) = try SettingValue(text, kind: .flag) else { return nil }
      return isOn
    } catch {
      report(node, path, error.message(found: text))
      return nil
    }
  }
}
