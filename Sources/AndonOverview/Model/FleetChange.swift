/// What an update of the fleet has for the clients that follow it.
package struct FleetChange: Sendable {
  package struct Site: Sendable {
    package var key: FleetKey
    package var json: [UInt8]
  }

  package struct Alert: Sendable {
    package var key: FleetKey
    package var json: [UInt8]
  }

  package var sites: [Site] = []
  /// Sites that are gone.
  package var gone: [Site] = []
  package var alerts: [Alert] = []

  package var isEmpty: Bool { sites.isEmpty && gone.isEmpty && alerts.isEmpty }
}
