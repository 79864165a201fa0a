/// All summaries of a bucket in one byte string, for reading them in one go: a sequence of `worker, summary`.
package enum CompactedBucket {
  /// Appends one worker's summary.
  package static func append(worker: Int32, _ summary: Span<UInt8>, to pack: inout [UInt8]) {
    var head = VarintWriter()
    head.append(Int64(worker))
    head.append(Int64(summary.count))
    pack.append(contentsOf: head.bytes)
    for index in summary.indices { pack.append(summary[index]) }
  }

  /// Visits the entries in the order in which they were appended. Returns false when the bytes are damaged;
  /// earlier entries were visited then.
  package static func visit<Failure: Error>(
    _ pack: Span<UInt8>, _ body: (_ worker: Int32, _ summary: Span<UInt8>) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    var reader = VarintReader()
    while !reader.isAtEnd(pack) {
      guard let worker = reader.number(pack), let summary = reader.range(pack) else { return false }
      try body(worker, pack.extracting(summary))
    }
    return true
  }
}
