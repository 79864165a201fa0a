import AndonIngest
import Synchronization

/// What a lane remembers over all its connections.
///
/// A class of its own and no mutexes inside the lane: with those, the optimizer of Swift 6.3.1 crashes over the lane's
/// throwing initializer. Only the lane's thread uses them.
final class LaneMemory: Sendable {
  /// What is known of the session at the broker.
  let session = Mutex(SessionMemory.asTheFileSays)
  let clock = Mutex(LaneClock())
  /// That messages of another site came was said.
  let hasToldStranger = Mutex(false)
}
