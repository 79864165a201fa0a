import AndonCore

/// One counter of a camera that sends totals.
struct CounterKey: Hashable {
  /// The mapping's name: two counters of one camera and place are told apart by it.
  let mapping: String
  let camera: String
  /// Empty where the event names none.
  let worker: String
  let workstation: String

  init(mapping: String, camera: String, event: Event) {
    self.mapping = mapping
    self.camera = camera
    worker = event.workerID
    workstation = event.workstationID
  }
}
