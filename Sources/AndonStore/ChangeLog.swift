import Synchronization

/// The parts of the past that the latest commits changed, so that a reader knows which of its cached results
/// still hold.
///
/// The writer records a change before it commits; a reader compares the records with the sequence number of
/// its snapshot. So a change is never visible before its record. A record whose commit failed only costs the
/// reader a recompute.
package final class ChangeLog: Sendable {
  private struct Note: Sendable {
    var sequence: Int64
    var earliestBucketMs: Int64
  }

  private struct State: Sendable {
    var notes: [Note] = []
    /// Records with this sequence number or a lower one were dropped.
    var forgotten: Int64 = .min
    var epoch: Int64 = 0
  }

  private static let limit = 8192
  private let state = Mutex(State())

  init() {}

  /// - Parameter sequence: the value of `progress.sequence` after the transaction.
  package func record(sequence: Int64, earliestBucketMs: Int64) {
    state.withLock { state in
      if state.notes.count >= Self.limit {
        let half = Self.limit / 2
        state.forgotten = state.notes[half - 1].sequence
        state.notes.removeFirst(half)
      }
      state.notes.append(Note(sequence: sequence, earliestBucketMs: earliestBucketMs))
    }
  }

  /// Records a change without a sequence number (retention): all cached results become invalid. Call it
  /// before and after the commit, so that no reader takes a snapshot in between for the new state.
  func recordEverything() {
    state.withLock { $0.epoch += 1 }
  }

  /// Read it before taking the snapshot; results cached under another epoch are invalid.
  package var epoch: Int64 { state.withLock { $0.epoch } }

  /// The earliest bucket that commits after `sequence` changed, up to the commit `current` of the reader's
  /// snapshot. Nil when none changed, `Int64.min` when the records were dropped.
  func earliestBucket(after sequence: Int64, upTo current: Int64) -> Int64? {
    state.withLock { state in
      if sequence < state.forgotten { return .min }
      return state.notes.lazy.filter { $0.sequence > sequence && $0.sequence <= current }
        .map(\.earliestBucketMs).min()
    }
  }
}
