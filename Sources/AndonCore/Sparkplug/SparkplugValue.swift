/// A metric's or a property's value.
public enum SparkplugValue: Sendable, Hashable {
  /// No value at the moment.
  case null
  case int32(Int32)
  case int64(Int64)
  case double(Double)
  case boolean(Bool)
  case string(String)
  /// Epoch milliseconds.
  case dateTime(Int64)

  /// A scaled integer as a double: `scaled` divided by 10^`digits`.
  static func decimal(_ scaled: Int64, digits: Int) -> SparkplugValue {
    .double(Double(scaled) / (0..<digits).reduce(1.0) { power, _ in power * 10 })
  }

  /// Nil for null, which fits every type.
  public var dataType: SparkplugDataType? {
    switch self {
    case .null: nil
    case .int32: .int32
    case .int64: .int64
    case .double: .double
    case .boolean: .boolean
    case .string: .string
    case .dateTime: .dateTime
    }
  }

  /// Writes the `value` oneof; its fields begin at 10 in a metric and at 3 in a property.
  func write(to writer: inout ProtobufWriter, isNullField: UInt64, firstField: UInt64) {
    switch self {
    case .null: writer.field(isNullField, true)
    // int_value is a uint32: two's complement, not sign-extended to ten bytes.
    case .int32(let value): writer.field(firstField, varint: UInt64(UInt32(bitPattern: value)))
    case .int64(let value), .dateTime(let value):
      writer.field(firstField + 1, varint: UInt64(bitPattern: value))
    case .double(let value): writer.field(firstField + 3, value)
    case .boolean(let value): writer.field(firstField + 4, value)
    case .string(let value): writer.field(firstField + 5, value)
    }
  }
}
