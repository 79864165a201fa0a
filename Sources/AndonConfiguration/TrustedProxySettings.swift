/// A proxy that authenticates users and says in headers who they are.
package struct TrustedProxySettings: Sendable, Equatable {
  /// The headers of these peers count, of all others they are ignored.
  package var addresses: [AddressRange]
  package var userHeader: String
  package var roleHeader: String

  package func contains(_ address: String) -> Bool { addresses.contains { $0.contains(address) } }
}
