/// The topics of one edge node, `spBv1.0/{group}/{verb}/{node}[/{device}]`.
public struct SparkplugTopics: Sendable, Hashable {
  private static let namespace = "spBv1.0"
  public let group: String
  public let node: String

  /// Both are Andon ids, which cannot contain `+`, `/` and `#`.
  public init(group: String, node: String) {
    self.group = group
    self.node = node
  }

  public func topic(_ verb: SparkplugVerb, device: String? = nil) -> String {
    let topic = "\(Self.namespace)/\(group)/\(verb.rawValue)/\(node)"
    return device.map { "\(topic)/\($0)" } ?? topic
  }

  /// The topic of commands to the node.
  public var nodeCommand: String { topic(.nodeCommand) }
  /// The topic filter of commands to its devices.
  public var deviceCommandFilter: String { topic(.deviceCommand, device: "+") }

  /// The device that a command on this topic is for; nil for any other topic.
  public func device(ofCommand topic: String) -> String? {
    let prefix = self.topic(.deviceCommand) + "/"
    guard topic.utf8.starts(with: prefix.utf8) else { return nil }
    return String(topic.utf8.dropFirst(prefix.utf8.count))
  }

  /// The STATE topic of a host application.
  public static func state(host: String) -> String { "\(namespace)/STATE/\(host)" }
}
