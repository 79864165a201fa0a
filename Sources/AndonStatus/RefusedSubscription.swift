/// The broker granted less than a subscription asked for.
package struct RefusedSubscription: Error, CustomStringConvertible {
  package struct Refusal: Sendable, Equatable {
    package let filter: String
    /// The requested QoS.
    package let asked: UInt8
    /// The granted QoS, or the reason of a refusal (≥ 0x80).
    package let granted: UInt8

    package var words: String {
      granted >= 0x80
        ? "the broker refused to let us read \(filter) with QoS \(asked) (\(PublishRefusal.words(granted))): check "
          + "its ACL, it needs \"topic read \(filter)\""
        : "the broker granted only QoS \(granted) for \(filter), QoS \(asked) was asked for: what comes while the bridge "
          + "is away would be lost; allow QoS \(asked) (mosquitto: max_qos)"
    }
  }

  package let refusals: [Refusal]

  /// What one SUBACK refused; nil when it granted all. A missing code grants nothing.
  package init?(_ filters: [String], asked: UInt8, granted: [UInt8]) {
    refusals = filters.enumerated().compactMap { index, filter in
      let code = index < granted.count ? granted[index] : 0x80
      guard code >= 0x80 || code < asked else { return nil }
      return Refusal(filter: filter, asked: asked, granted: code)
    }
    if refusals.isEmpty { return nil }
  }

  package var description: String { refusals.map(\.words).joined(separator: "; ") }
}
