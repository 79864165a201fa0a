/// Why the history cannot be shown.
package struct FleetHistoryError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
