/// A topic that Andon reads, taken apart. Only legal ids make one.
public enum InboundTopic: Sendable, Equatable {
  case event(site: String, camera: String)
  case cameraStatus(site: String, camera: String)
  case command(site: String, group: String, name: String)

  /// Reads `{root}/{site}/camera/{camera}/event|status` and `{root}/{site}/cmd/{group}/{name}`, else nil.
  public init?(topic: String, root: String) {
    guard topic.utf8.count > root.utf8.count + 1, topic.hasPrefix(root),
      topic.utf8[topic.utf8.index(topic.startIndex, offsetBy: root.utf8.count)] == UInt8(ascii: "/")
    else { return nil }
    let rest = topic.dropFirst(root.count + 1).split(separator: "/", omittingEmptySubsequences: false)
    guard rest.count == 4 else { return nil }
    let parts = rest.map(String.init)
    guard Identifier.isValid(parts[0]), Identifier.isValid(parts[2]) else { return nil }
    switch (parts[1], parts[3]) {
    case ("camera", "event"): self = .event(site: parts[0], camera: parts[2])
    case ("camera", "status"): self = .cameraStatus(site: parts[0], camera: parts[2])
    case ("cmd", let name) where Identifier.isValid(name):
      self = .command(site: parts[0], group: parts[2], name: name)
    default: return nil
    }
  }
}
