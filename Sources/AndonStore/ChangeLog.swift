import Synchronization

/// Which part of the past the latest commits changed, so that a reader knows how much of what it remembers
/// still holds.
///
/// The writer notes a change before it commits; a reader compares the sequence number that its snapshot shows
/// with the notes. So a change is never visible before its note; a note whose commit failed costs the reader a
/// recompute and nothing else.
package final class ChangeLog: Sendable {
  private struct Note: Sendable {
    var sequence: Int64
    var earliestBucketMs: Int64
  }

  private struct State: Sendable {
    var notes: [Note] = []
    /// What lies at or before it is forgotten.
    var forgotten: Int64 = .min
    var epoch: Int64 = 0
  }

  private static let limit = 8192
  private let state = Mutex(State())

  init() {}

  /// - Parameter sequence: `counter.received` as the transaction will leave it.
  package func note(sequence: Int64, earliestBucketMs: Int64) {
    state.withLock { state in
      if state.notes.count >= Self.limit {
        let half = Self.limit / 2
        state.forgotten = state.notes[half - 1].sequence
        state.notes.removeFirst(half)
      }
      state.notes.append(Note(sequence: sequence, earliestBucketMs: earliestBucketMs))
    }
  }

  /// Something changed that has no sequence number (retention): whatever was remembered is void. Called before
  /// and after the commit, so that no snapshot in between is remembered as the new state.
  func noteEverything() {
    state.withLock { $0.epoch += 1 }
  }

  /// Read it before the snapshot; what was remembered under another one is void.
  package var epoch: Int64 { state.withLock { $0.epoch } }

  /// The earliest bucket that commits after `sequence` changed, up to the one the reader's snapshot shows. nil
  /// when none did, `Int64.min` when that is not known any more.
  func earliestBucket(after sequence: Int64, upTo current: Int64) -> Int64? {
    state.withLock { state in
      if sequence < state.forgotten { return .min }
      return state.notes.lazy.filter { $0.sequence > sequence && $0.sequence <= current }
        .map(\.earliestBucketMs).min()
    }
  }
}
