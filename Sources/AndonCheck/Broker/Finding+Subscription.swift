import AndonStatus

extension Finding {
  /// A subscription that the broker refused or granted with less than QoS 1; nil when it granted what was asked.
  static func refusal(_ filter: String, granted: UInt8, site: String) -> Finding? {
    guard let refusal = RefusedSubscription([filter], asked: 1, granted: [granted]) else { return nil }
    return Finding(
      .error, "acl", site: site, "\(refusal): the bridge holds the site",
      advice: granted < 0x80
        ? "max_qos 1 or 2 for this listener" : "topic read \(filter) in the broker's ACL file")
  }
}
