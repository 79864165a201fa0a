/// One way to reach a broker that has several addresses.
struct Way: Sendable, Equatable {
  /// A name or an address.
  var host: String
  /// The address to send from: the one for "any" of a family takes only addresses of that family.
  var bindAddress: String?
}
