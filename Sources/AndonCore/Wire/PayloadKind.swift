/// A kind of value in a payload: what the value may be, and how it is written.
package struct PayloadKind<Value>: Sendable {
  package let shape: PayloadShape
  /// Writes exactly one JSON value.
  let write: @Sendable (Value, inout JSONWriter) -> Void
}

extension PayloadKind where Value: BinaryInteger & Sendable {
  package static func integer(_ help: String) -> Self { whole(.integer(help)) }

  /// 0 or more; at most `most`.
  package static func count(_ help: String, most: Int64? = nil) -> Self { whole(.count(help, most: most)) }

  /// Epoch milliseconds.
  package static func instant(_ help: String) -> Self { whole(.instant(help)) }

  /// One of `codes`.
  package static func codes(_ help: String, _ codes: [Int64]) -> Self { whole(.codes(help, codes)) }

  /// The value is the figure times 10^`digits` (≥ 1), and is written with that many places.
  package static func decimal(_ help: String, digits: Int, most: Int64? = nil) -> Self {
    Self(shape: .number(help, most: most)) { $1.value(scaled: Int64($0), digits: digits) }
  }

  /// The same, and it may be negative.
  package static func difference(_ help: String, digits: Int) -> Self {
    Self(shape: .difference(help)) { $1.value(scaled: Int64($0), digits: digits) }
  }

  /// 0…1; the value is in millionths.
  package static func fraction(_ help: String) -> Self { decimal(help, digits: 6, most: 1) }

  private static func whole(_ shape: PayloadShape) -> Self {
    Self(shape: shape) { $1.value(Int64($0)) }
  }
}

extension PayloadKind where Value == Int64 {
  /// Epoch milliseconds, written as RFC 3339 in UTC.
  package static var timestampText: Self {
    Self(shape: .timestampText) { $1.value(CivilTime.text(epochMs: $0)) }
  }
}

extension PayloadKind where Value == Int64? {
  /// An integer; nil is written as null.
  package static func integerOrNull(_ help: String) -> Self {
    Self(shape: .integerOrNull(help)) { value, writer in
      if let value { writer.value(value) } else { writer.valueNull() }
    }
  }
}

extension PayloadKind where Value == ScaledNumber {
  /// A decimal whose places are the value's.
  package static func number(_ help: String) -> Self {
    Self(shape: .number(help, most: nil)) { $1.value(scaled: $0.scaled, digits: $0.digits) }
  }
}

extension PayloadKind where Value == Bool {
  package static func flag(_ help: String) -> Self { Self(shape: .flag(help)) { $1.value($0) } }
}

extension PayloadKind where Value == String {
  package static func identifier(_ help: String) -> Self { string(.identifier(help)) }

  package static func text(_ help: String) -> Self { string(.text(help)) }

  /// One of `words`.
  package static func words(_ help: String, _ words: [String]) -> Self { string(.words(help, words)) }

  private static func string(_ shape: PayloadShape) -> Self { Self(shape: shape) { $1.value($0) } }
}

extension PayloadKind where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
  /// One of the raw values.
  package static func word(_ help: String) -> Self {
    Self(shape: .words(help, Value.allCases.map(\.rawValue))) { $1.value($0.rawValue) }
  }
}

extension PayloadKind where Value == [UInt8] {
  /// A payload that is encoded already, with its name in the interface documents.
  package static func encoded(as name: String) -> Self {
    Self(shape: .reference(name)) { $1.value(json: $0) }
  }
}

extension PayloadKind {
  package static func object(_ table: PayloadTable<Value>) -> Self {
    Self(shape: table.shape) { value, writer in writer.object { table.write(value, to: &$0) } }
  }

  package static func array<Element>(
    of element: PayloadKind<Element>, least: Int? = nil, most: Int? = nil
  ) -> Self where Value == [Element] {
    Self(shape: .array(element.shape, least: least, most: most)) { $1.array($0, element.write) }
  }

  /// An object whose names are data, in the order of the value.
  package static func map<Element>(
    _ help: String, of element: PayloadKind<Element>
  ) -> Self where Value == [(name: String, value: Element)] {
    Self(shape: .map(help, of: element.shape)) { entries, writer in
      writer.object { writer in
        for (name, value) in entries {
          writer.key(name)
          element.write(value, &writer)
        }
      }
    }
  }

  /// The value; nil is written as null.
  package static func orNull<Wrapped>(
    _ help: String, _ kind: PayloadKind<Wrapped>
  ) -> Self where Value == Wrapped? {
    Self(shape: .orNull(help, kind.shape)) { value, writer in
      if let value { kind.write(value, &writer) } else { writer.valueNull() }
    }
  }
}
