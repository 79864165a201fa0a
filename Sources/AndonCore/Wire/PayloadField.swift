/// One field of a payload: its name, its kind of value, whether it is always there, and where its value comes from.
///
/// `required` and `optional` differ in the closure: only that of an optional field can return nil, and only then is
/// the field left out.
package struct PayloadField<Source>: Sendable {
  package let name: String
  package let shape: PayloadShape
  package let isRequired: Bool
  /// Writes name and value, or nothing where the field is left out.
  let write: @Sendable (Source, inout JSONWriter) -> Void

  private init(
    _ name: String, _ shape: PayloadShape, isRequired: Bool,
    write: @escaping @Sendable (Source, inout JSONWriter) -> Void
  ) {
    self.name = name
    self.shape = shape
    self.isRequired = isRequired
    self.write = write
  }

  package static func required<Value>(
    _ name: String, _ kind: PayloadKind<Value>, _ value: @escaping @Sendable (Source) -> Value
  ) -> Self {
    let key = quoted(name)
    return Self(name, kind.shape, isRequired: true) { source, writer in
      writer.key(quoted: key)
      kind.write(value(source), &writer)
    }
  }

  package static func optional<Value>(
    _ name: String, _ kind: PayloadKind<Value>, _ value: @escaping @Sendable (Source) -> Value?
  ) -> Self {
    let key = quoted(name)
    return Self(name, kind.shape, isRequired: false) { source, writer in
      guard let value = value(source) else { return }
      writer.key(quoted: key)
      kind.write(value, &writer)
    }
  }

  /// `"name":`, quoted once for all payloads.
  private static func quoted(_ name: String) -> [UInt8] {
    var bytes: [UInt8] = []
    JSONWriter.append(quoted: name, to: &bytes)
    return bytes + [UInt8(ascii: ":")]
  }
}

extension PayloadField {
  /// The same field of a larger source, which always has the part that this one is about.
  package func of<Whole>(_ part: @escaping @Sendable (Whole) -> Source) -> PayloadField<Whole> {
    PayloadField<Whole>(name, shape, isRequired: isRequired) { [write] in write(part($0), &$1) }
  }

  /// The same field of a larger source, which may lack the part: the field is left out then.
  package func ifPresent<Whole>(_ part: @escaping @Sendable (Whole) -> Source?) -> PayloadField<Whole> {
    PayloadField<Whole>(name, shape, isRequired: false) { [write] whole, writer in
      if let part = part(whole) { write(part, &writer) }
    }
  }
}

extension Array {
  /// The two fields that a published payload begins with: when its content was true, as a number and as text.
  package static func time<Source>(
    _ nowMs: @escaping @Sendable (Source) -> Int64
  ) -> Self where Element == PayloadField<Source> {
    [
      .required("timestamp_ms", .instant("When this was true"), nowMs),
      .required("ts", .timestampText, nowMs),
    ]
  }

  /// The same fields of a larger source.
  package func of<Source, Whole>(
    _ part: @escaping @Sendable (Whole) -> Source
  ) -> [PayloadField<Whole>] where Element == PayloadField<Source> {
    map { $0.of(part) }
  }

  /// The same fields of a larger source, left out where it lacks the part.
  package func ifPresent<Source, Whole>(
    _ part: @escaping @Sendable (Whole) -> Source?
  ) -> [PayloadField<Whole>] where Element == PayloadField<Source> {
    map { $0.ifPresent(part) }
  }
}
