/// Where a field's value comes from, and how it is converted.
package struct MappingSource: Sendable, Hashable {
  package enum Origin: Sendable, Hashable {
    /// Relative to the event: the element of `each`, or the whole payload.
    case pointer(JSONPointer)
    /// Relative to the payload's root, wherever the event lies in it.
    case rootPointer(JSONPointer)
    /// Text with captures in it.
    case template([Part])
    case constant(String)
    /// The bridge's clock; only for `timestamp`.
    case receipt
  }

  package enum Part: Sendable, Hashable {
    case text(String)
    /// The index among the topic's captures.
    case capture(Int, name: String)
  }

  /// A conversion beside the value map.
  package enum Coercion: String, Sendable, CaseIterable {
    /// A text that is no id becomes one: each run of other characters becomes `_`.
    case id
    /// A number 0…100 becomes a fraction.
    case percent
  }

  package var origin: Origin
  /// Maps values of the payload; nil maps nothing. A value that is not in the map counts as missing.
  package var map: [String: String]?
  package var coercion: Coercion?
  /// Only for `timestamp`; nil accepts what Andon's own events may carry.
  package var unit: TimeUnit?

  package init(
    _ origin: Origin, map: [String: String]? = nil, coercion: Coercion? = nil, unit: TimeUnit? = nil
  ) {
    self.origin = origin
    self.map = map
    self.coercion = coercion
    self.unit = unit
  }

  /// The origin in the notation of the configuration.
  package var description: String {
    switch origin {
    case .pointer(let pointer): pointer.tokens.isEmpty ? "." : pointer.description
    case .rootPointer(let pointer): "$" + pointer.description
    case .template(let parts):
      parts.map { part in
        switch part {
        case .text(let text): text
        case .capture(_, let name): "{\(name)}"
        }
      }.joined()
    case .constant(let text): "\"\(text)\""
    case .receipt: "receipt"
    }
  }

  /// Reads `/pointer`, `.`, `$`, `$/pointer` or a text with `{capture}`s; nil for anything else. A plain word
  /// is refused because it is more often a mistake than a constant.
  ///
  /// - Parameter captures: The capture names that may be used.
  package static func origin(_ text: String, captures: [String]) -> Origin? {
    if text == "." { return JSONPointer("").map(Origin.pointer) }
    if text.hasPrefix("/") { return JSONPointer(text).map(Origin.pointer) }
    if text.hasPrefix("$") { return JSONPointer(text.dropFirst()).map(Origin.rootPointer) }
    guard text.contains("{") else { return nil }
    var parts: [Part] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
      guard let close = rest[open...].firstIndex(of: "}") else { return nil }
      let name = String(rest[rest.index(after: open)..<close])
      guard let index = captures.firstIndex(of: name) else { return nil }
      parts.append(.capture(index, name: name))
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { parts.append(.text(String(rest))) }
    return .template(parts)
  }
}
