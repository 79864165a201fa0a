/// What a restore did.
package struct RestoreReport: Sendable, Hashable {
  package var position: ShipPosition
  package var patches = 0
  package var events: Int64 = 0
  /// Events at the server that are not of this file's history: under names that it never had.
  package var foreign: Int64 = 0
  /// Quarters of an hour (their beginnings) whose events are not those that the file had. Each is in a gap.
  package var differing: [Int64] = []
  /// How long it took.
  package var milliseconds: Int64 = 0
}
