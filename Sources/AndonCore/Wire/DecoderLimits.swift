/// The sizes beyond which input is refused before it is looked at.
public struct DecoderLimits: Sendable, Hashable {
  /// The largest message, bytes.
  public var messageBytes = 262_144
  /// The largest single event, bytes.
  public var eventBytes = 8192
  /// How deep objects and arrays may nest.
  public var depth = 8
  /// Events in one array.
  public var arrayItems = 1000

  public init() {}
}
