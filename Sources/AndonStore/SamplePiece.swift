package import AndonCore

/// A part of the list of a camera and model version: its events of `[fromMs, endMs)`, which lies in one bucket.
///
/// A list is stored in parts of about a hundred events, so that a late one reads and writes one of them and not the
/// quarter of an hour. Events of one time are never parted.
package struct SamplePiece: Sendable {
  package var fromMs: Int64
  package var endMs: Int64
  /// Times count from the start of the bucket, as in the whole list.
  package var list: SampleList
  /// The file may have other parts of this time, which it replaces.
  package var isWhole: Bool

  package init(fromMs: Int64, endMs: Int64, list: SampleList, isWhole: Bool) {
    (self.fromMs, self.endMs, self.list, self.isWhole) = (fromMs, endMs, list, isWhole)
  }

  package var bucketMs: Int64 { SummaryBucket.start(of: fromMs) }

  package func contains(_ ms: Int64) -> Bool { fromMs <= ms && ms < endMs }
}
