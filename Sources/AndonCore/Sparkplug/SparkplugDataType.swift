/// The data types that Andon uses, with their numbers (Sparkplug 3.0, 6.4.16).
public enum SparkplugDataType: UInt32, Sendable {
  case int32 = 3
  case int64 = 4
  case double = 10
  case boolean = 11
  case string = 12
  /// Milliseconds since 1970-01-01T00:00:00Z.
  case dateTime = 13
}
