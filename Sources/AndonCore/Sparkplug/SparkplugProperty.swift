/// One entry of a metric's property set.
public struct SparkplugProperty: Sendable, Hashable {
  public var key: String
  public var value: SparkplugValue

  public init(_ key: String, _ value: SparkplugValue) {
    self.key = key
    self.value = value
  }

  /// Sparkplug 3.0, 6.4.9, knows good, stale and bad (0) only.
  static func quality(_ quality: OPCQuality) -> SparkplugProperty {
    let known = quality == .uncertain ? .noData : quality
    return SparkplugProperty("Quality", .int32(Int32(known.rawValue)))
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
