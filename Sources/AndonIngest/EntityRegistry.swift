import AndonCore
import AndonStore

/// The names that a site has seen. Their number is bounded, and no two differ only in case.
struct EntityRegistry: Sendable {
  private struct Names: Sendable {
    /// The number of each name.
    var numbers: [String: Int32] = [:]
    /// The name by its lower-case form.
    var byLowercase: [String: String] = [:]
    /// The last name that was looked up: cameras and models repeat.
    var last: (name: String, number: Int32) = ("", 0)

    mutating func number(of name: String) -> Int32? {
      if name == last.name { return last.number }
      guard let number = numbers[name] else { return nil }
      last = (name, number)
      return number
    }
  }

  private var workers = Names()
  private var workstations = Names()
  private var cameras = Names()
  private var models = Names()

  enum Admission { case known, new, refused(Rejection) }

  /// The numbers of the event's names; nil when one is unknown. Nearly every event's are known, and none is allocated.
  mutating func numbers(of event: Event, camera: String) -> EventNames? {
    guard let worker = event.workerID.isEmpty ? 0 : workers.number(of: event.workerID),
      let workstation = workstations.number(of: event.workstationID), let camera = cameras.number(of: camera),
      let model = event.modelVersion.isEmpty ? 0 : models.number(of: event.modelVersion)
    else { return nil }
    return EventNames(worker: worker, workstation: workstation, camera: camera, model: model)
  }

  /// O(1). Changes nothing: call `add` for a new name once its event is accepted.
  func admission(of id: String, kind: EntityKind, limit: Int, eventID: String) -> Admission {
    let names = self[kind]
    if names.numbers[id] != nil { return .known }
    let field = kind == .model ? "model_version" : "\(kind.rawValue)_id"
    if kind != .model, let other = names.byLowercase[id.lowercased()] {
      return .refused(
        Rejection(
          code: .mismatch, field: field, detail: "differs only in case from the known \"\(other)\"",
          eventID: eventID.isEmpty ? nil : eventID))
    }
    guard names.numbers.count < limit else {
      return .refused(
        Rejection(
          code: .cardinality, field: field, detail: "the site has its limit of \(limit) already",
          eventID: eventID.isEmpty ? nil : eventID))
    }
    return .new
  }

  mutating func add(_ id: String, _ number: Int32, kind: EntityKind) {
    self[kind].numbers[id] = number
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
