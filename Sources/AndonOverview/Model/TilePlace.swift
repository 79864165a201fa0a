/// The order of tiles: the worst first; then by severity, by how far a site is behind, by name.
package struct TilePlace: Sendable, Comparable {
  let rank: Int
  let severity: Int64
  let pace: Int64
  let name: String
  let key: FleetKey

  package static func < (left: TilePlace, right: TilePlace) -> Bool {
    if left.rank != right.rank { return left.rank < right.rank }
    if left.severity != right.severity { return left.severity > right.severity }
    if left.pace != right.pace { return left.pace < right.pace }
    if left.name != right.name { return left.name < right.name }
    return left.key < right.key
  }
}
