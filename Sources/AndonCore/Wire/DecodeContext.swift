/// What a payload is checked against: its origin and the current time.
public struct DecodeContext: Sendable {
  public var siteID: String
  public var cameraID: String
  /// The bridge's clock, epoch milliseconds.
  public var nowMs: Int64
  /// Events older than `nowMs - maxAgeMs` are refused.
  public var maxAgeMs: Int64
  /// Events later than `nowMs + maxFutureMs` are refused.
  public var maxFutureMs: Int64
  /// Read a timestamp without a zone as UTC instead of refusing it.
  public var assumeUTC: Bool

  public init(
    siteID: String, cameraID: String, nowMs: Int64, maxAgeMs: Int64, maxFutureMs: Int64,
    assumeUTC: Bool = false
  ) {
    self.siteID = siteID
    self.cameraID = cameraID
    self.nowMs = nowMs
    self.maxAgeMs = maxAgeMs
    self.maxFutureMs = maxFutureMs
    self.assumeUTC = assumeUTC
  }
}
