import AndonCore
import Yams

extension SettingsReader {
  /// `[{id: switch-3, cameras: [cam-01, cam-02]}]`: cameras that share something. The site is a group already, so no
  /// group may have its id.
  mutating func readGroups(
    _ node: Node?, path: String, site: String?, layout: SiteLayout
  ) -> [CameraGroup] {
    guard let node, !Self.isNothing(node) else { return [] }
    guard let items = node.sequence else {
      report(node, path, "must be a list of groups, e.g. [{id: switch-3, cameras: [cam-01, cam-02]}]")
      return []
    }
    var groups: [CameraGroup] = []
    for (index, child) in items.enumerated() {
      let childPath = "\(path)[\(index)]"
      let parts = parts(of: child, childPath, among: SiteKey.all.names(below: "camera_groups[]"))
      guard let id = readID(parts["id"], in: child, "\(childPath).id") else { continue }
      if id == site {
        report(
          parts["id"] ?? child, "\(childPath).id",
          "\"\(id)\" is the site, which is a group of all its cameras")
      }
      if layout.line(id) != nil {
        report(
          parts["id"] ?? child, "\(childPath).id",
          "\"\(id)\" is a line, which is a group of its cameras already")
      }
      recordTwin(of: id, in: groups.map(\.id), parts["id"], "\(childPath).id")
      let cameras = readCameras(parts["cameras"], in: child, "\(childPath).cameras")
      groups.append(CameraGroup(id: id, cameras: Set(cameras)))
    }
    return groups
  }

  private mutating func readCameras(_ node: Node?, in parent: Node, _ path: String) -> [String] {
    guard let items = node?.sequence, !items.isEmpty else {
      report(node ?? parent, path, "must list the group's cameras, e.g. [cam-01, cam-02]")
      return []
    }
    var cameras: [String] = []
    for (index, child) in items.enumerated() {
      guard let id = readID(child, in: child, "\(path)[\(index)]") else { continue }
      recordTwin(of: id, in: cameras, child, "\(path)[\(index)]")
      cameras.append(id)
    }
    return cameras
  }
}
