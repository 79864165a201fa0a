import AndonCore

/// The names a site has seen, so that their number stays bounded and no two differ only in case.
struct EntityRegistry: Sendable {
  /// Per kind: the name by its lower-case form.
  private var names: [EntityKind: [String: String]] = [:]
  private var known: [EntityKind: Set<String>] = [:]

  enum Admission { case known, new, refused(Rejection) }

  /// O(1). Mutates nothing: call `add` for a new one once its event is accepted.
  func admission(of id: String, kind: EntityKind, limit: Int, eventID: String) -> Admission {
    if known[kind]?.contains(id) == true { return .known }
    let field = kind == .model ? "model_version" : "\(kind.rawValue)_id"
    if kind != .model, let other = names[kind]?[id.lowercased()] {
      return .refused(
        Rejection(
          code: .mismatch, field: field, detail: "differs only in case from the known \"\(other)\"",
          eventID: eventID.isEmpty ? nil : eventID))
    }
    guard known[kind, default: []].count < limit else {
      return .refused(
        Rejection(
          code: .cardinality, field: field, detail: "the site has its limit of \(limit) already",
          eventID: eventID.isEmpty ? nil : eventID))
    }
    return .new
  }

  mutating func add(_ id: String, kind: EntityKind) {
    known[kind, default: []].insert(id)
    names[kind, default: [:]][id.lowercased()] = id
  }
}
