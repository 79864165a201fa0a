import AndonCore

/// The keys of a reason for stops.
enum ReasonKey {
  static let all: [KeyDescription] = [
    .init(
      path: "id", form: "1 to 64 of [A-Za-z0-9_-]", isRequired: true,
      help: "The reason; unique in the list. `\(StopReason.none)` takes a reason away and is not for a list."),
    .init(path: "name", form: "text", help: "For people. Default: the id."),
    .init(
      path: "planned", form: "true or false",
      help: "The stop was intended, e.g. a changeover: it does not count as unplanned. Default: false."),
  ]
}
