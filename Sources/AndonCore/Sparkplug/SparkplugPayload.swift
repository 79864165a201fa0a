/// The payload of one message of an edge node.
public struct SparkplugPayload: Sendable, Hashable {
  /// The time of publication; nil in a death certificate, which is written long before it is sent.
  public var timestampMs: Int64?
  /// 0…255; nil in a death certificate.
  public var sequence: UInt8?
  public var metrics: [SparkplugMetric]

  public init(timestampMs: Int64? = nil, sequence: UInt8? = nil, metrics: [SparkplugMetric] = []) {
    self.timestampMs = timestampMs
    self.sequence = sequence
    self.metrics = metrics
  }

  /// The Payload message.
  public func encoded() -> [UInt8] {
    var writer = ProtobufWriter(capacity: 32 + 96 * metrics.count)
    if let timestampMs { writer.field(1, varint: UInt64(bitPattern: timestampMs)) }
    for metric in metrics { writer.field(2, message: metric.encoded()) }
    if let sequence { writer.field(3, varint: UInt64(sequence)) }
    return writer.bytes
  }
}
