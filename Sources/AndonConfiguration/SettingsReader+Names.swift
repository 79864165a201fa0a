import AndonCore
import Yams

/// What people call things.
extension SettingsReader {
  /// The most characters (Unicode scalars) of a name: it must fit on a panel.
  static let nameLimit = 100
  /// The most cameras that a site describes: their names travel in one message.
  static let cameraLimit = 1000

  /// The most bytes of a camera's address.
  private static let urlLimit = 512
  /// The most workstations that a camera sees.
  private static let viewLimit = 64

  /// The descriptions of a site's cameras, and their drift limits.
  struct Cameras {
    var descriptions: [String: CameraDescription] = [:]
    var limits: [String: DriftLimits.Override] = [:]
  }

  /// `{cam-07: {name: Press 2 left, drift: {limit: 0.68}}}`.
  ///
  /// - Parameter known: the workstations that the site lists; empty when it lists none, and any may be named.
  mutating func readCameras(_ node: Node?, path: String, workstations known: [String]) -> Cameras {
    var cameras = Cameras()
    guard let node, !Self.isNothing(node) else { return cameras }
    let expected = "must be a section, e.g. {cam-07: {name: Press 2 left}}"
    let found = members(of: node, path, expected: expected)
    if found.count > Self.cameraLimit { report(node, path, "must be at most \(Self.cameraLimit) cameras") }
    var seen: [String] = []
    for member in found.prefix(Self.cameraLimit) {
      let childPath = Self.join(path, member.name)
      guard Identifier.isValid(member.name) else {
        report(member.key, childPath, "an id must be 1 to 64 of [A-Za-z0-9_-]")
        continue
      }
      recordTwin(of: member.name, in: seen, member.key, childPath)
      seen.append(member.name)
      let parts = parts(
        of: member.value, childPath,
        among: ["name", "place", "workstations", "url", "snapshot_url", "contact", "drift"])
      if let drift = parts["drift"] {
        cameras.limits[member.name] = readLimit(drift, path: "\(childPath).drift")
      }
      let camera = readCamera(parts, childPath, workstations: known)
      if camera != CameraDescription() { cameras.descriptions[member.name] = camera }
    }
    return cameras
  }

  private mutating func readCamera(
    _ parts: [String: Node], _ path: String, workstations known: [String]
  ) -> CameraDescription {
    var camera = CameraDescription()
    camera.name = parts["name"].flatMap { readName($0, "\(path).name") }
    camera.place = parts["place"].flatMap { readName($0, "\(path).place") }
    camera.contact = parts["contact"].flatMap { readName($0, "\(path).contact") }
    camera.url = parts["url"].flatMap { readAddress($0, "\(path).url") }
    camera.snapshotURL = parts["snapshot_url"].flatMap { readAddress($0, "\(path).snapshot_url") }
    let items = list(parts["workstations"], "\(path).workstations", of: "workstations")
    if items.count > Self.viewLimit {
      report(parts["workstations"], "\(path).workstations", "must be at most \(Self.viewLimit) workstations")
    }
    for (index, item) in items.prefix(Self.viewLimit).enumerated() {
      let path = "\(path).workstations[\(index)]"
      if Self.isNothing(item) { report(item, path, "must be the id of one of the workstations") }
      guard let id = readID(item, in: item, path) else { continue }
      recordTwin(of: id, in: camera.workstations, item, path)
      if !known.isEmpty, !known.contains(id) {
        report(
          item, path,
          "\"\(id)\" is not among the workstations of the site" + Suggestion.text(for: id, among: known))
      }
      camera.workstations.append(id)
    }
    return camera
  }

  /// A name for people. It goes into topics' payloads, mails and pages, so it has no control characters, also none
  /// that end a line or turn the direction of writing.
  mutating func readName(_ node: Node, _ path: String) -> String? {
    guard let text = readText(node, path) else { return nil }
    let scalars = text.unicodeScalars
    guard scalars.count <= Self.nameLimit else {
      report(node, path, "must have at most \(Self.nameLimit) characters, not \(scalars.count)")
      return nil
    }
    guard
      scalars.allSatisfy({
        switch $0.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: false
        default: !$0.properties.isBidiControl
        }
      })
    else {
      report(node, path, "must not have control characters")
      return nil
    }
    guard scalars.contains(where: { !$0.properties.isWhitespace }) else {
      report(node, path, "must not be empty")
      return nil
    }
    return text
  }

  private mutating func readAddress(_ node: Node, _ path: String) -> String? {
    guard let text = readText(node, path) else { return nil }
    guard text.utf8.count <= Self.urlLimit else {
      report(node, path, "must have at most \(Self.urlLimit) bytes, not \(text.utf8.count)")
      return nil
    }
    if let problem = NotifyURL.problem(text, schemes: ["https", "http"]) {
      // Where the address of a camera holds a password, the words for receivers of pages do not fit.
      report(
        node, path,
        text.contains("@")
          ? "must not hold a user or password: everybody who sees the alert sees it" : problem)
      return nil
    }
    return text
  }

  /// `http.public_url`, without a slash at its end; nil where there is none, or a mistake was recorded.
  mutating func readPublicURL(_ values: SettingValues) -> String? {
    let path = "http.public_url"
    guard var text = values.optionalText(path) else { return nil }
    if let problem = NotifyURL.problem(text, schemes: ["https", "http"]) {
      report(
        values.origin(path), path, text.contains("@") ? "must not hold a user or password" : problem)
      return nil
    }
    guard !text.contains("?"), text.utf8.count <= Self.urlLimit else {
      report(values.origin(path), path, "must be an address without a query, at most \(Self.urlLimit) bytes")
      return nil
    }
    while text.hasSuffix("/") { text.removeLast() }
    return text
  }
}
