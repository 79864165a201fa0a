/// The part of a route that decides what goes to it.
public struct NotifyRoute: Sendable, Hashable {
  public var id: String
  public var match: NotifyMatch
  /// The routes below this one get a page only when it is not acknowledged within that time, milliseconds.
  public var escalateAfterMs: Int64?
  /// Whether the route also hears that an alert of which it got a page was acknowledged or is over.
  public var sendsResolved: Bool

  /// A receiver that keeps a state of its own always hears that an alert is over.
  public var hearsEnd = false

  public init(
    id: String, match: NotifyMatch = NotifyMatch(), escalateAfterMs: Int64? = nil, sendsResolved: Bool = true
  ) {
    self.id = id
    self.match = match
    self.escalateAfterMs = escalateAfterMs
    self.sendsResolved = sendsResolved
  }
}
