package import AndonCore

/// The keys of the identity provider whose tokens the HTTP listener takes.
package struct IdentityProviderStatus: Sendable, Equatable {
  package var address: String
  package var keys: Int
  /// When they were last read; nil before the first token.
  package var readMs: Int64?
  /// Why they could not be read last; nil when they could.
  package var error: String?

  package init(address: String, keys: Int, readMs: Int64?, error: String?) {
    self.address = address
    self.keys = keys
    self.readMs = readMs
    self.error = error
  }

  package static let payload = PayloadTable<IdentityProviderStatus>(
    "The identity provider's keys. They are read at the first token.",
    [
      .required("address", .text("The file or address, without what may be secret")) { $0.address },
      .required("keys", .count("Keys that can check a token")) { $0.keys },
      .optional("read_ms", .instant("When they were last read")) { $0.readMs },
      .optional(
        "error", .text("Why they could not be read the last time; those of before stay good for a day")
      ) {
        $0.error
      },
    ])
}
