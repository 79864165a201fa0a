import AndonCore
import AndonStore

/// The names that a site has seen. Their number is bounded, and no two differ only in case.
struct EntityRegistry: Sendable {
  private struct Names: Sendable {
    /// The number of each name.
    var numbers: [String: Int32] = [:]
    /// The name by its lower-case form.
    var byLowercase: [String: String] = [:]
    /// By the time when pseudonyms end, their names.
    var pseudonyms: [Int64: [String]] = [:]
    /// The last name that was looked up: cameras and models repeat.
    var last: (name: String, number: Int32) = ("", 0)

    /// How many names count against the limit of a name that ends then.
    func count(endsMs: Int64?) -> Int {
      guard let endsMs else { return numbers.count - pseudonyms.values.reduce(0) { $0 + $1.count } }
      return pseudonyms[endsMs]?.count ?? 0
    }

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

  /// Of all kinds.
  var count: Int {
    workers.numbers.count + workstations.numbers.count + cameras.numbers.count + models.numbers.count
  }

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
  ///
  /// - Parameter endsMs: when a pseudonym ends. The limit holds for the pseudonyms of one period: with each rotation the
  ///   same workers come again.
  func admission(of id: String, kind: EntityKind, limit: Int, eventID: String, endsMs: Int64?) -> Admission {
    let names = self[kind]
    if names.numbers[id] != nil { return .known }
    let field = kind == .model ? "model_version" : "\(kind.rawValue)_id"
    if kind != .model, let other = names.byLowercase[id.lowercased()] {
      return .refused(
        Rejection(
          code: .mismatch, field: field, detail: "differs only in case from the known \"\(other)\"",
          eventID: eventID.isEmpty ? nil : eventID))
    }
    guard names.count(endsMs: endsMs) < limit else {
      return .refused(
        Rejection(
          code: .cardinality, field: field, detail: "the site has its limit of \(limit) already",
          eventID: eventID.isEmpty ? nil : eventID))
    }
    return .new
  }

  mutating func add(_ id: String, _ number: Int32, kind: EntityKind, endsMs: Int64?) {
    self[kind].numbers[id] = number
    self[kind].byLowercase[id.lowercased()] = id
    if let endsMs { self[kind].pseudonyms[endsMs, default: []].append(id) }
  }

  /// Whether pseudonyms that end then are known.
  func knowsPseudonyms(endingAt ms: Int64) -> Bool { workers.pseudonyms[ms] != nil }

  /// Forgets the pseudonyms that no event can have any more, and returns their numbers.
  mutating func forgetPseudonyms(endedBefore ms: Int64) -> [Int32] {
    var forgotten: [Int32] = []
    for endsMs in workers.pseudonyms.keys where endsMs < ms {
      for name in workers.pseudonyms.removeValue(forKey: endsMs) ?? [] {
        workers.byLowercase[name.lowercased()] = nil
        if let number = workers.numbers.removeValue(forKey: name) { forgotten.append(number) }
      }
    }
    if !forgotten.isEmpty { workers.last = ("", 0) }
    return forgotten
  }

  func number(of id: String, kind: EntityKind) -> Int32? { self[kind].numbers[id] }

  /// Forgets a name; returns its number.
  mutating func remove(_ id: String, kind: EntityKind) -> Int32? {
    self[kind].last = ("", 0)
    self[kind].byLowercase[id.lowercased()] = nil
    return self[kind].numbers.removeValue(forKey: id)
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
