import AndonStatus

/// The subscriptions of one connection that wait for their SUBACK.
struct SiteSubscriptions: Sendable {
  struct Request: Sendable {
    let filters: [String]
    let qos: UInt8
    /// Without it the site works all the same.
    let isOptional: Bool
    /// What is lost while it is refused concerns events.
    let isOfEvents: Bool

    func refusal(_ granted: [UInt8]) -> RefusedSubscription? {
      RefusedSubscription(filters, asked: qos, granted: granted)
    }
  }

  private var waiting: [Int32: Request] = [:]

  /// Every subscription that the site cannot do without was granted.
  var isGranted: Bool { waiting.values.allSatisfy(\.isOptional) }

  mutating func record(_ request: Request, packetID: Int32) { waiting[packetID] = request }

  mutating func dequeue(_ packetID: Int32) -> Request? { waiting.removeValue(forKey: packetID) }
}
