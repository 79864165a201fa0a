/// One metric of a payload. Births carry name, alias and type; data messages carry the alias only.
public struct SparkplugMetric: Sendable, Hashable {
  public var name: String?
  public var alias: UInt64?
  public var timestampMs: Int64?
  public var dataType: SparkplugDataType?
  /// Not the current value: for historians only.
  public var isHistorical = false
  public var properties: [SparkplugProperty] = []
  public var value: SparkplugValue

  public init(
    name: String? = nil, alias: UInt64? = nil, timestampMs: Int64? = nil, dataType: SparkplugDataType? = nil,
    value: SparkplugValue
  ) {
    self.name = name
    self.alias = alias
    self.timestampMs = timestampMs
    self.dataType = dataType
    self.value = value
  }

  /// The Metric message; field numbers as in Sparkplug 3.0, 6.4.1.
  func encoded() -> [UInt8] {
    var writer = ProtobufWriter(capacity: 96)
    if let name { writer.field(1, name) }
    if let alias { writer.field(2, varint: alias) }
    if let timestampMs { writer.field(3, varint: UInt64(bitPattern: timestampMs)) }
    if let dataType { writer.field(4, varint: UInt64(dataType.rawValue)) }
    if isHistorical { writer.field(5, true) }
    if value == .null { value.write(to: &writer, isNullField: 7, firstField: 10) }
    if !properties.isEmpty { writer.field(9, message: SparkplugProperty.encoded(properties)) }
    if value != .null { value.write(to: &writer, isNullField: 7, firstField: 10) }
    return writer.bytes
  }
}
