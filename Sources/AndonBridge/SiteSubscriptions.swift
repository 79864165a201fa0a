import AndonStatus

/// The subscriptions of one connection: what was asked, and what the broker made of it.
struct SiteSubscriptions: Sendable {
  struct Wish: Sendable {
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

  private var waiting: [Int32: Wish] = [:]

  /// Every subscription that the site cannot do without was granted.
  var isGranted: Bool { waiting.values.allSatisfy(\.isOptional) }

  mutating func note(_ wish: Wish, ticket: Int32) { waiting[ticket] = wish }

  mutating func take(_ ticket: Int32) -> Wish? { waiting.removeValue(forKey: ticket) }
}
