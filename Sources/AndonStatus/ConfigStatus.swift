/// What became of the configuration since the start.
package struct ConfigStatus: Sendable, Hashable {
  /// When the one in force was read, epoch milliseconds.
  package var loadedAtMs: Int64
  package var reloads: Int64 = 0
  package var failedReloads: Int64 = 0
  /// Why the last reload changed nothing, in words; nil when it worked.
  package var error: String?
  /// Keys that are set otherwise than the process runs with: they wait for its next start.
  package var needsRestart: [String] = []

  package init(loadedAtMs: Int64) { self.loadedAtMs = loadedAtMs }
}
