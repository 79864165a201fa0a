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
