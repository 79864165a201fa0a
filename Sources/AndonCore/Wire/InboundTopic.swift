/// A parsed topic that Andon subscribes to. All ids in it are valid.
///
/// Topics are compared byte by byte, as a broker does: for `String` a composed and a decomposed letter are
/// equal, and a combining mark joins the `/` before it.
public enum InboundTopic: Sendable, Hashable {
  case event(site: String, camera: String)
  case cameraStatus(site: String, camera: String)
  case command(site: String, group: String, name: String)

  /// Parses `{root}/{site}/camera/{camera}/event|status` and `{root}/{site}/cmd/{group}/{name}`; nil for any
  /// other topic. O(length); for ids of up to 15 bytes one small array is the only allocation.
  public init?(topic: String, root: String) {
    guard topic.utf8.starts(with: root.utf8) else { return nil }
    let behindRoot = topic.utf8.dropFirst(root.utf8.count)
    guard behindRoot.first == UInt8(ascii: "/") else { return nil }
    let parts = behindRoot.dropFirst().split(
      separator: UInt8(ascii: "/"), maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 4, let site = Self.identifier(parts[0]), let third = Self.identifier(parts[2]),
      let fourth = Self.identifier(parts[3])
    else { return nil }
    if parts[1].elementsEqual("cmd".utf8) {
      self = .command(site: site, group: third, name: fourth)
      return
    }
    guard parts[1].elementsEqual("camera".utf8) else { return nil }
    switch fourth {
    case "event": self = .event(site: site, camera: third)
    case "status": self = .cameraStatus(site: site, camera: third)
    default: return nil
    }
  }

  private static func identifier(_ part: Substring.UTF8View) -> String? {
    guard part.count <= Identifier.maximumLength, let text = String(part), Identifier.isValid(text) else {
      return nil
    }
    return text
  }
}
