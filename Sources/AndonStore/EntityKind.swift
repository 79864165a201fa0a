/// The kinds of named things whose number per site is bounded.
package enum EntityKind: String, Sendable, CaseIterable {
  case worker, workstation, camera, model
}
