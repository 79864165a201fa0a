package import AndonCore

/// The last publication of one record of a closed window.
package struct FinalRow: Sendable, Hashable {
  package struct Key: Sendable, Hashable {
    package var kind: WindowKind
    package var startMs: Int64
    package var scope: KPIScope
    package var id: String

    package init(kind: WindowKind, startMs: Int64, scope: KPIScope, id: String) {
      self.kind = kind
      self.startMs = startMs
      self.scope = scope
      self.id = id
    }
  }

  package var key: Key
  package var revision: Int64
  /// A hash of the figures, without the time of publication and the revision.
  package var digest: Int64

  package init(key: Key, revision: Int64, digest: Int64) {
    self.key = key
    self.revision = revision
    self.digest = digest
  }
}
