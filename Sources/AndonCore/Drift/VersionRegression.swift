/// The rule `version_regression`: in its first 24 h a new model version is worse by more than 0.05 than the
/// old one in its last seven days. It is judged once; only an acknowledgement ends the alarm.
public enum VersionRegression {
  public static let trialHours: Int64 = 24
  /// The hours of the old version with which a version that began in `hour` is compared.
  public static func pastHours(before hour: Int64) -> Range<Int64> { hour - 7 * 24..<hour }
  public static let pointsPpm: Int64 = 50_000
  /// Fewer samples on either side give no verdict.
  public static let minimum: Int64 = 30

  /// Whether the new version is worse; sums in millionths. Exact.
  public static func isWorse(
    old: (count: Int64, sum: Int64), new: (count: Int64, sum: Int64)
  ) -> Bool {
    guard old.count >= minimum, new.count >= minimum else { return false }
    // new.sum / new.count < old.sum / old.count − 0.05, without a division.
    return Int128(new.sum) * Int128(old.count)
      < Int128(old.sum) * Int128(new.count) - Int128(pointsPpm) * Int128(old.count) * Int128(new.count)
  }
}
