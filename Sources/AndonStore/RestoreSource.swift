package import AndonCore

/// Where a site's file is restored from: the central database, or a model of it. All calls see one moment of it.
package protocol RestoreSource {
  /// Nil for a site that it does not know.
  func head() throws -> RestoreHead?

  func base() throws -> WorkingState?

  /// The patches of the commits after one, in order, at most about 8 MiB of them; empty at the end.
  func patches(after seq: Int64) throws -> [(seq: Int64, patch: ShippedPatch)]

  /// The stored events since a time, in an order of its own, at most `rows`.
  ///
  /// - Parameter last: the last one of those before; nil: from the beginning.
  func events(fromMs: Int64, after last: ShippedEvent?, rows: Int) throws -> [ShippedEvent]

  /// Erasures that it has not carried out yet.
  func erasures() throws -> [ShippedErasure]
}
