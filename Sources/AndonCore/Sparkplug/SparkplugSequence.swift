/// The sequence number of every message of an edge node except its death: 0 in the birth, then counting, 0
/// after 255.
struct SparkplugSequence: Sendable, Hashable {
  private var following: UInt8 = 0

  /// Call it at each node birth.
  mutating func restart() { following = 0 }

  mutating func next() -> UInt8 {
    defer { following &+= 1 }
    return following
  }
}
