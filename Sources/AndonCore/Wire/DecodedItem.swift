/// The result for one event of a payload.
public enum DecodedItem: Sendable, Equatable {
  case event(Event)
  /// `bytes` is the range of the refused text in the payload.
  case rejected(Rejection, bytes: Range<Int>)
}
