/// What became of a site's rows in a shipment.
package enum ShipmentOutcome: Sendable, Equatable {
  /// Stored, `events` of them new.
  case applied(events: Int64)
  /// The same shipment was stored before: the first answer was lost.
  case repeated
  /// The site is mine, but the log does not follow its position: `resume` tells it.
  case otherPosition
  /// Another bridge took the site; nil: it was never taken.
  case fenced(by: String?)

  var isStored: Bool {
    switch self {
    case .applied, .repeated: true
    case .otherPosition, .fenced: false
    }
  }
}
