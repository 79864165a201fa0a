import AndonCore
import GRDB

/// Collects what one transaction writes, for the log.
final class ShipLogWriter {
  let selection: ShipSelection
  let bodies = ShipBodyWriter()
  /// Nil unless the log keeps the state.
  let patchset: Patchset?
  /// What this transaction changes in the small tables is told by a base only.
  var leavesPatchOut = false
  /// There is a body also when nothing was changed.
  var wantsMark = false
  /// A new base is needed from this transaction on.
  var wantsBase = false

  /// - Parameter db: in the transaction, which has changed nothing yet.
  init(_ selection: ShipSelection, _ db: Database) throws {
    self.selection = selection
    patchset = selection.keepsState ? try Patchset(recording: db) : nil
  }
}
