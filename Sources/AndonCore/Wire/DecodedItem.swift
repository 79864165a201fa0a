/// What became of one event of a payload.
public enum DecodedItem: Sendable, Equatable {
  case event(Event)
  /// `bytes` is where the offending text lies in the payload.
  case rejected(Rejection, bytes: Range<Int>)
}
