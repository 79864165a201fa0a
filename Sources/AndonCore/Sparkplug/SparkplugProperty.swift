/// One entry of a metric's property set.
public struct SparkplugProperty: Sendable, Hashable {
  public var key: String
  public var value: SparkplugValue

  public init(_ key: String, _ value: SparkplugValue) {
    self.key = key
    self.value = value
  }

  /// 192 good, 500 stale, 0 bad or no data; any other number is written as 0 (Sparkplug 3.0, 6.4.9).
  static func quality(_ quality: Int64) -> SparkplugProperty {
    SparkplugProperty("Quality", .int32(quality == 192 || quality == 500 ? Int32(quality) : 0))
  }

  /// The PropertySet message: keys and values in two lists of equal length.
  static func encoded(_ properties: [SparkplugProperty]) -> [UInt8] {
    var writer = ProtobufWriter(capacity: 64)
    for property in properties { writer.field(1, property.key) }
    for property in properties {
      var entry = ProtobufWriter(capacity: 16)
      if let type = property.value.dataType { entry.field(1, varint: UInt64(type.rawValue)) }
      property.value.write(to: &entry, isNullField: 2, firstField: 3)
      writer.field(2, message: entry.bytes)
    }
    return writer.bytes
  }
}
