/// The rules of one key that judge hour by hour: `confidence_drop` and `confidence_shift`.
///
/// Their state after an hour follows from the closed hours up to it, so a late sample costs the hours behind it,
/// not the samples. About 150 bytes.
public struct HourRules: Sendable, Hashable {
  var drop = ConfidenceDropRule()
  var shift = ConfidenceShiftRule()

  public init() {}

  /// Applies a closed hour with samples; hours come in order.
  ///
  /// - Parameters:
  ///   - firstHour: the hour of the key's first sample. Hours before it belong to samples that were deleted.
  ///   - hours: returns the closed hours with samples of a range, in order.
  public mutating func close(
    _ closed: HourSum, firstHour: Int64, hours: (Range<Int64>) throws -> [HourSum]
  ) rethrows -> [RuleStep] {
    var steps: [RuleStep] = []
    func past(_ range: Range<Int64>) throws -> [HourSum] {
      range.upperBound > firstHour ? try hours(max(firstHour, range.lowerBound)..<range.upperBound) : []
    }
    if let step = try drop.close(closed, hours: past) {
      steps.append(RuleStep(rule: .confidenceDrop, transition: step, valuePpm: drop.nowPpm))
    }
    if let step = try shift.close(closed, hours: past) {
      steps.append(RuleStep(rule: .confidenceShift, transition: step, valuePpm: closed.meanPpm))
    }
    return steps
  }

  /// The longest time that a rule looks back, hours.
  public static let lookBackHours: Int64 = ConfidenceShiftRule.baselineHours

  public static let rules: [AlarmRule] = [.confidenceDrop, .confidenceShift]
}

extension HourRules {
  private static let formatVersion: Int64 = 1

  /// The whole state after an hour, for the store. Equal rules give equal bytes.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter()
    encode(into: &writer)
    return writer.bytes
  }

  /// Reads what `encoded` wrote; nil for anything else.
  public init?(encoded bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    self.init(&reader)
    guard reader.isAtEnd else { return nil }
  }

  func encode(into writer: inout ByteWriter) {
    writer.append(Self.formatVersion)
    drop.encode(into: &writer)
    shift.encode(into: &writer)
  }

  init?(_ reader: inout ByteReader) {
    guard reader.integer() == Self.formatVersion, let drop = ConfidenceDropRule(&reader),
      let shift = ConfidenceShiftRule(&reader)
    else { return nil }
    (self.drop, self.shift) = (drop, shift)
  }
}
