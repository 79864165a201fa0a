/// What a camera observed.
///
/// The store keeps the raw value. For the three states it is also the rank in the total order of a timeline
/// (`absent < idle < working`), so it must never be renumbered.
public enum EventKind: UInt8, Sendable, Hashable, CaseIterable {
  case absent = 0
  case idle = 1
  case working = 2
  case productCount = 3

  /// The name on the wire, e.g. `product_count`.
  public var name: String {
    switch self {
    case .absent: "absent"
    case .idle: "idle"
    case .working: "working"
    case .productCount: "product_count"
    }
  }

  /// The kind with that wire name, or nil.
  public init?(name: String) {
    switch name {
    case "absent": self = .absent
    case "idle": self = .idle
    case "working": self = .working
    case "product_count": self = .productCount
    default: return nil
    }
  }

  /// Whether the event sets a worker's state; `product_count` only refreshes it.
  public var isState: Bool { self != .productCount }
}
