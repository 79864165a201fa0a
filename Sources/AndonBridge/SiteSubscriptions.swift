import AndonStatus

/// The subscriptions of one connection: the requests that the broker has not answered.
struct SiteSubscriptions: Sendable {
  struct Request: Sendable {
    let filters: [String]
    let qos: UInt8
    /// Whether the site works without it.
    let isOptional: Bool
    /// Whether events are lost while it is refused.
    let isOfEvents: Bool

    func refusal(_ granted: [UInt8]) -> RefusedSubscription? {
      RefusedSubscription(filters, asked: qos, granted: granted)
    }
  }

  private var waiting: [Int32: Request] = [:]

  /// Whether every mandatory subscription was granted.
  var isGranted: Bool { waiting.values.allSatisfy(\.isOptional) }

  mutating func record(_ request: Request, packetID: Int32) { waiting[packetID] = request }

  mutating func dequeue(_ packetID: Int32) -> Request? { waiting.removeValue(forKey: packetID) }
}
