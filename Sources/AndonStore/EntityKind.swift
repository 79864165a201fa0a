/// The kinds of names whose number per site is bounded.
package enum EntityKind: String, Sendable, CaseIterable {
  case worker, workstation, camera, model
}
