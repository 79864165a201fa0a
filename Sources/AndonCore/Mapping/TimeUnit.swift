/// How a foreign payload writes its time.
package enum TimeUnit: String, Sendable, CaseIterable {
  /// Seconds since 1970 with a fraction, floored to milliseconds without binary floating point.
  case secondsWithFraction = "s_float"
  /// Whole seconds since 1970.
  case seconds = "s"
  /// Whole milliseconds since 1970.
  case milliseconds = "ms"
  case rfc3339
  /// The payload has no time: the event gets the bridge's clock at receipt. A message that the broker
  /// delivers again then gets another time.
  case receipt
}
