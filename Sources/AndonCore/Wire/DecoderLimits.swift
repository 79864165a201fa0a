/// Size limits of input.
public struct DecoderLimits: Sendable, Hashable {
  /// The largest message, bytes.
  public var messageBytes = 262_144
  /// The largest single event, bytes.
  public var eventBytes = 8192
  /// How deep objects and arrays may nest.
  public var depth = 8
  /// The most events in one array.
  public var arrayItems = 1000

  public init() {}
}
