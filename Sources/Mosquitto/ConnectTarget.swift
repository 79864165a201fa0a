/// One way to reach a broker with several addresses.
struct ConnectTarget: Sendable, Equatable {
  /// A name or an address.
  var host: String
  /// The source address: the wildcard address of a family allows only addresses of that family.
  var bindAddress: String?
}
