import AndonStatus

/// The subscriptions of one connection: the requests that the broker has not answered.
struct SiteSubscriptions: Sendable {
  struct Wish: Sendable {
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

  private var waiting: [Int32: Wish] = [:]

  /// Whether every mandatory subscription was granted.
  var isGranted: Bool { waiting.values.allSatisfy(\.isOptional) }

  mutating func note(_ wish: Wish, ticket: Int32) { waiting[ticket] = wish }

  mutating func take(_ ticket: Int32) -> Wish? { waiting.removeValue(forKey: ticket) }
}
