import AndonCore

/// Collects what one transaction writes, for the log.
final class ShipLogWriter {
  let selection: ShipSelection
  let bodies = ShipBodyWriter()

  init(_ selection: ShipSelection) { self.selection = selection }
}
