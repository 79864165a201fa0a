/// The numbers of an event's names in the file; 0 for an empty one.
package struct ShipNumbers: Sendable {
  package var worker: Int32
  package var workstation: Int32
  package var camera: Int32
  package var model: Int32

  package init(worker: Int32, workstation: Int32, camera: Int32, model: Int32) {
    (self.worker, self.workstation, self.camera, self.model) = (worker, workstation, camera, model)
  }
}
