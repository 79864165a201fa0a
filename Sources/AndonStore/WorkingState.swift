/// The small tables of a site's file at one commit, as a base for the patches of later commits.
package struct WorkingState: Sendable, Hashable {
  /// The last commit that is in it.
  package var position: ShipPosition
  /// The migrations of the file, in order: the image has their columns.
  package var migrations: [String]
  /// All rows: `WorkingImage`.
  package var image: [UInt8]
  /// `ShipPatchState.totalBytes` then.
  var patchBytes: Int64 = 0

  package init(position: ShipPosition, migrations: [String], image: [UInt8]) {
    (self.position, self.migrations, self.image) = (position, migrations, image)
  }
}
