/// The number in every message of an edge node but its death: 0 in the birth, then one more each, 0 after 255.
struct SparkplugSequence: Sendable, Hashable {
  private var following: UInt8 = 0

  /// The node is born (again).
  mutating func restart() { following = 0 }

  mutating func next() -> UInt8 {
    defer { following &+= 1 }
    return following
  }
}
