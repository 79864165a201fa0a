/// All summaries of a bucket in one byte string, for reading them in one go: a sequence of `worker, summary`.
public enum CompactedBucket {
  /// Appends one worker's summary.
  public static func append(worker: Span<UInt8>, _ summary: Span<UInt8>, to pack: inout [UInt8]) {
    append(worker, to: &pack)
    append(summary, to: &pack)
  }

  private static func append(_ part: Span<UInt8>, to pack: inout [UInt8]) {
    var count = VarintWriter()
    count.append(Int64(part.count))
    pack.append(contentsOf: count.bytes)
    for index in part.indices { pack.append(part[index]) }
  }

  /// Visits the entries in the order in which they were appended. Returns false when the bytes are damaged;
  /// earlier entries were visited then.
  public static func visit<Failure: Error>(
    _ pack: Span<UInt8>, _ body: (_ worker: Span<UInt8>, _ summary: Span<UInt8>) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    var reader = VarintReader()
    while !reader.isAtEnd(pack) {
      guard let worker = reader.range(pack), let summary = reader.range(pack) else { return false }
      try body(pack.extracting(worker), pack.extracting(summary))
    }
    return true
  }
}
