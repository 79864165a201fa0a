import AndonIngest
import Synchronization

/// What a ingestLoop remembers over all its connections.
///
/// A class of its own and no mutexes inside the ingestLoop: with those, the optimizer of Swift 6.3.1 crashes over the ingestLoop's
/// throwing initializer. Only the ingestLoop's thread uses them.
final class IngestLoopState: Sendable {
  /// What is known of the session at the broker.
  let session = Mutex(SessionMemory.asTheFileSays)
  let clock = Mutex(IngestClock())
  /// That messages of another site came was said.
  let hasToldStranger = Mutex(false)
}
