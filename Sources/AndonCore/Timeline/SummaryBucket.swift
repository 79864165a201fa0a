/// The quarter-hour buckets of summaries.
public enum SummaryBucket {
  /// 15 minutes of UTC: in every zone, hours, days and most shifts begin and end at the edge of a bucket.
  public static let lengthMs: Int64 = 900_000

  /// The first instant of the bucket that contains `ms`.
  public static func start(of ms: Int64) -> Int64 { ms.flooredDivision(by: lengthMs) * lengthMs }

  /// The first bucket edge at or after `ms`.
  public static func edge(atOrAfter ms: Int64) -> Int64 { -start(of: -ms) }
}
