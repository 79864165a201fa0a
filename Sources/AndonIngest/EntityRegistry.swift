import AndonCore
import AndonStore

/// The names that a site has seen. Their number is bounded, and no two differ only in case.
struct EntityRegistry: Sendable {
  private struct Names: Sendable {
    var exact: Set<String> = []
    /// The name by its lower-case form.
    var byLowercase: [String: String] = [:]
    /// The last name that was looked up: cameras and models repeat.
    var last = ""

    mutating func contains(_ id: String) -> Bool {
      if id == last { return true }
      guard exact.contains(id) else { return false }
      last = id
      return true
    }
  }

  private var workers = Names()
  private var workstations = Names()
  private var cameras = Names()
  private var models = Names()

  enum Admission { case known, new, refused(Rejection) }

  /// Whether every name of the event is known: true for nearly every event, without an allocation.
  mutating func knows(_ event: Event, camera: String) -> Bool {
    (event.workerID.isEmpty || workers.contains(event.workerID))
      && workstations.contains(event.workstationID) && cameras.contains(camera)
      && (event.modelVersion.isEmpty || models.contains(event.modelVersion))
  }

  /// O(1). Changes nothing: call `add` for a new name once its event is accepted.
  func admission(of id: String, kind: EntityKind, limit: Int, eventID: String) -> Admission {
    let names = self[kind]
    if names.exact.contains(id) { return .known }
    let field = kind == .model ? "model_version" : "\(kind.rawValue)_id"
    if kind != .model, let other = names.byLowercase[id.lowercased()] {
      return .refused(
        Rejection(
          code: .mismatch, field: field, detail: "differs only in case from the known \"\(other)\"",
          eventID: eventID.isEmpty ? nil : eventID))
    }
    guard names.exact.count < limit else {
      return .refused(
        Rejection(
          code: .cardinality, field: field, detail: "the site has its limit of \(limit) already",
          eventID: eventID.isEmpty ? nil : eventID))
    }
    return .new
  }

  mutating func add(_ id: String, kind: EntityKind) {
    self[kind].exact.insert(id)
    self[kind].byLowercase[id.lowercased()] = id
  }

  private subscript(kind: EntityKind) -> Names {
    get {
      switch kind {
      case .worker: workers
      case .workstation: workstations
      case .camera: cameras
      case .model: models
      }
    }
    _modify {
      switch kind {
      case .worker: yield &workers
      case .workstation: yield &workstations
      case .camera: yield &cameras
      case .model: yield &models
      }
    }
  }
}
