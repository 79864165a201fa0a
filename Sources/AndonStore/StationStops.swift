import AndonCore

/// The stops and micro-stops of one workstation in one shift in which it takes part, in order of time.
struct StationStops: Sendable {
  var id: String
  var stops: [Stop]
  /// How many workers were there.
  var workers: Int
}
