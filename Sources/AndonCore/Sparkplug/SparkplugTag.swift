/// The definition of a metric, for its birth.
struct SparkplugTag: Sendable, Hashable {
  var name: String
  var type: SparkplugDataType
  /// The unit in UCUM (Unified Code for Units of Measure).
  var unit: String?
  /// The highest possible value.
  var high: Double?

  init(_ name: String, _ type: SparkplugDataType, unit: String? = nil, high: Double? = nil) {
    self.name = name
    self.type = type
    self.unit = unit
    self.high = high
  }

  /// Engineering unit and range, under the keys that SCADA systems map to their tags' properties.
  var properties: [SparkplugProperty] {
    var properties: [SparkplugProperty] = []
    if let unit {
      properties.append(SparkplugProperty("engUnit", .string(unit)))
      properties.append(SparkplugProperty("engLow", .double(0)))
    }
    if let high { properties.append(SparkplugProperty("engHigh", .double(high))) }
    return properties
  }
}
