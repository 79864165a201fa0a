/// One counter of a camera whose mapping reads totals.
package struct CounterKey: Hashable {
  /// The mapping's name: it distinguishes two counters of one camera and workstation.
  package let mapping: String
  package let camera: String
  /// Empty for events without a worker.
  package let worker: String
  package let workstation: String

  package init(mapping: String, camera: String, worker: String, workstation: String) {
    self.mapping = mapping
    self.camera = camera
    self.worker = worker
    self.workstation = workstation
  }
}
