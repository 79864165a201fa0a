/// The first fields of an encoded summary, and a reader that stands after them.
public struct SummaryHead: Sendable {
  public let timeoutMs: Int64
  public let firstMs: Int64
  public let lastMs: Int64
  public let startsWithRefresh: Bool
  let reader: VarintReader

  /// Nil for bytes that are no summary of this version. O(1).
  public init?(_ encoded: Span<UInt8>, originMs: Int64) {
    var reader = VarintReader()
    guard reader.byte(encoded) == TimelineSummary.codingVersion, let timeoutMs = reader.amount(encoded),
      let first = reader.amount(encoded), let length = reader.amount(encoded),
      let flags = reader.byte(encoded), VarintReader.origins.contains(originMs)
    else { return nil }
    self.timeoutMs = timeoutMs
    firstMs = originMs + first
    lastMs = firstMs + length
    startsWithRefresh = flags & 1 == 1
    self.reader = reader
  }
}
