/// The rule `version_regression`: a new model version does worse in its first 24 h than the old one did in its
/// last seven days, by more than 5 points. A single judgement, with no way back but a person's word.
public enum VersionRegression {
  public static let trialHours: Int64 = 24
  /// The hours of the old version that a version which began in `hour` is judged by.
  public static func pastHours(before hour: Int64) -> Range<Int64> { hour - 7 * 24..<hour }
  public static let pointsPpm: Int64 = 50_000
  /// Fewer samples on either side are no verdict.
  public static let minimum: Int64 = 30

  /// Whether the new version regressed; sums in millionths. Exact.
  public static func isWorse(
    old: (count: Int64, sum: Int64), new: (count: Int64, sum: Int64)
  ) -> Bool {
    guard old.count >= minimum, new.count >= minimum else { return false }
    // new.sum / new.count < old.sum / old.count − 5 points, without a division.
    return Int128(new.sum) * Int128(old.count)
      < Int128(old.sum) * Int128(new.count) - Int128(pointsPpm) * Int128(old.count) * Int128(new.count)
  }
}
