import AndonCore

/// The state of the configuration since the start.
package struct ConfigStatus: Sendable, Hashable {
  /// When the configuration in force was read, epoch milliseconds.
  package var loadedAtMs: Int64
  package var reloads: Int64 = 0
  package var failedReloads: Int64 = 0
  /// Why the last reload changed nothing; nil when it worked.
  package var error: String?
  /// Keys whose new values need a restart.
  package var needsRestart: [String] = []

  package init(loadedAtMs: Int64) { self.loadedAtMs = loadedAtMs }
}

extension ConfigStatus {
  static let payload = PayloadTable<ConfigStatus>(
    "The configuration since the start.",
    [
      .required("loaded_at_ms", .instant("When the one in force was read")) { $0.loadedAtMs },
      .required("reloads", .count("Times it was read again and taken over")) { $0.reloads },
      .required("failed_reloads", .count("Times nothing was taken over")) { $0.failedReloads },
      .optional("error", .text("Why the last time nothing was taken over")) { $0.error },
      .required("needs_restart", .array(of: .text("A changed key that waits for the next start"))) {
        $0.needsRestart
      },
    ])
}
