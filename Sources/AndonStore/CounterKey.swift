package import AndonCore

/// One counter of a camera that sends totals.
package struct CounterKey: Hashable {
  /// The mapping's name: two counters of one camera and place are told apart by it.
  package let mapping: String
  package let camera: String
  /// Empty where the event names none.
  package let worker: String
  package let workstation: String

  package init(mapping: String, camera: String, event: Event) {
    self.mapping = mapping
    self.camera = camera
    worker = event.workerID
    workstation = event.workstationID
  }
}
