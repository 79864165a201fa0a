/// A message that an edge node publishes with QoS 0, not retained.
public struct SparkplugMessage: Sendable, Hashable {
  public var verb: SparkplugVerb
  public var topic: String
  public var payload: SparkplugPayload
}
