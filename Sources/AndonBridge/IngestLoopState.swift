import AndonIngest
import Synchronization

/// The state of an ingest loop that is kept over reconnects.
///
/// A class of its own instead of mutexes in the ingest loop: with those the optimizer of Swift 6.3.1 crashes
/// on the loop's throwing initializer. Only the ingest thread uses them.
final class IngestLoopState: Sendable {
  /// What is known of the session at the broker.
  let session = Mutex(SessionMemory.asTheFileSays)
  let clock = Mutex(IngestClock())
  /// Whether it was logged that messages of another site arrived.
  let hasToldStranger = Mutex(false)
}
