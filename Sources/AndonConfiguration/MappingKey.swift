/// The keys of a payload mapping; in a path `{field}` stands for a field's name.
enum MappingKey {
  /// The keys that the reader accepts and the reference describes.
  static let all: [KeyDescription] = [
    .init(
      path: "name", form: "1 to 64 of [A-Za-z0-9_-]",
      help: "Tells mappings of a site apart, the profile's name by default. Counters are remembered under it."
    ),
    .init(
      path: "site", form: "a site's id",
      help: "Whose events these are; only in the list for all sites, where the topic has no `{site}`."),
    .init(
      path: "profile",
      form: MappingProfile.names.map { "`\($0)`" }.joined(separator: ", "),
      help: "Begin with this; every other key (every field of its own) replaces the profile's."),
    .init(
      path: "topic", form: "topic filter with captures, `frigate/{camera}/classification/{model}`",
      help: "What to subscribe to. `{name}` takes a whole level, `+` and `#` are as in MQTT."),
    .init(
      path: "payload", form: "`json` or `text`",
      help: "`text`: the whole payload is one bare word or number."),
    .init(
      path: "each", form: "JSON pointer", help: "An array whose elements are each one event, at most 1000."),
    .init(
      path: "when.{source}", form: "text, list of texts, or `\"*\"` for any value",
      help:
        "Other messages (or elements) are ignored and counted. Of mappings with the same topic the first counts."
    ),
    .init(
      path: "count_mode", form: "`delta` or `total`",
      help: "`total`: `count` is a counter that only grows; differences are counted, a restart at 0 is seen."),
    .init(
      path: "fields.{field}", form: "source, or list of sources", isRequired: true,
      help:
        "The first source that has a value counts. A source is `/pointer`, `$/pointer` from the root (with each), "
        + "text with `{capture}`, `receipt` (only for timestamp), or a section of the following keys."),
    .init(path: "fields.{field}.from", form: "source", help: "Where the value lies."),
    .init(path: "fields.{field}.value", form: "text", help: "A constant instead."),
    .init(
      path: "fields.{field}.map", form: "section",
      help: "Values of the payload and what they mean; others are no value."),
    .init(path: "fields.{field}.default", form: "text", help: "What counts where there is no value."),
    .init(
      path: "fields.{field}.as", form: "`id` or `percent`",
      help: "`id`: characters no id may have become `_`. `percent`: 97.5 is 0.975; only for confidence."),
    .init(
      path: "fields.{field}.unit", form: "`s_float`, `s`, `ms`, `rfc3339` or `receipt`",
      help: "Only for timestamp; without it, as in events of our own."),
  ]

  /// The keys directly below a path.
  static func names(below parent: String) -> [String] {
    let prefix = parent.isEmpty ? "" : parent + "."
    return all.reduce(into: []) { names, key in
      guard key.path.hasPrefix(prefix) else { return }
      let name = String(key.path.dropFirst(prefix.count).prefix { $0 != "." })
      if !name.hasPrefix("{"), !names.contains(name) { names.append(name) }
    }
  }
}
