/// Writes one JSON object, field by field, with numbers whose form never changes their type.
///
/// Panels type a tag by the first value they see, so a decimal always has its point (`83.00`, never `83`). It
/// is printed from an exact scaled integer, without binary floating point. Strings are escaped after RFC
/// 8259; the caller passes valid Unicode. Cost: one growing byte array.
public struct JSONWriter: Sendable {
  /// The text so far, UTF-8. Complete after `end()`.
  public private(set) var bytes: [UInt8] = []
  private var isFirst = true

  /// Starts the object with `{`.
  public init(capacity: Int = 512) {
    bytes.reserveCapacity(capacity)
    bytes.append(UInt8(ascii: "{"))
  }

  /// A JSON array of encoded values.
  package static func array(_ values: [[UInt8]]) -> [UInt8] {
    [UInt8(ascii: "[")] + values.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
  }

  /// Closes the object with `}` and returns its bytes.
  public mutating func end() -> [UInt8] {
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  public mutating func field(_ name: String, _ value: String) {
    key(name)
    self.value(value)
  }

  public mutating func field(_ name: String, _ value: Int64) {
    key(name)
    self.value(value)
  }

  public mutating func field(_ name: String, _ value: Int) {
    field(name, Int64(value))
  }

  public mutating func field(_ name: String, _ value: Bool) {
    key(name)
    self.value(value)
  }

  /// A decimal of `digits` (≥ 1) places; `scaled` is the value times 10^digits.
  public mutating func field(_ name: String, scaled: Int64, digits: Int) {
    key(name)
    value(scaled: scaled, digits: digits)
  }

  /// A value that is already JSON text, e.g. a nested array; inserted as it is.
  public mutating func field(_ name: String, json: [UInt8]) {
    key(name)
    value(json: json)
  }

  /// Appends `scaled / 10^digits` with exactly `digits` (≥ 1) places.
  public static func append(scaled: Int64, digits: Int, to bytes: inout [UInt8]) {
    if scaled < 0 { bytes.append(UInt8(ascii: "-")) }
    let magnitude = String(scaled.magnitude).utf8
    let missing = digits + 1 - magnitude.count
    var padded: [UInt8] = missing > 0 ? Array(repeating: UInt8(ascii: "0"), count: missing) : []
    padded.append(contentsOf: magnitude)
    bytes.append(contentsOf: padded.dropLast(digits))
    bytes.append(UInt8(ascii: "."))
    bytes.append(contentsOf: padded.suffix(digits))
  }

  /// Appends a JSON string literal with its quotes.
  public static func append(quoted text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
      case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
      case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(contentsOf: #"\u00"#.utf8)
        bytes.append(digits[Int(byte >> 4)])
        bytes.append(digits[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func key(_ name: String) {
    separate()
    Self.append(quoted: name, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func separate() {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
  }
}

// MARK: Parts of a field, for `PayloadTable`

extension JSONWriter {
  /// A field's name as text that was quoted before, with its colon. One value must follow.
  mutating func key(quoted: [UInt8]) {
    separate()
    bytes.append(contentsOf: quoted)
  }

  mutating func value(_ text: String) { Self.append(quoted: text, to: &bytes) }

  mutating func value(_ number: Int64) { bytes.append(contentsOf: String(number).utf8) }

  mutating func value(_ flag: Bool) { bytes.append(contentsOf: (flag ? "true" : "false").utf8) }

  mutating func value(scaled: Int64, digits: Int) {
    Self.append(scaled: scaled, digits: digits, to: &bytes)
  }

  /// Text that is JSON already.
  mutating func value(json: [UInt8]) { bytes.append(contentsOf: json) }

  mutating func valueNull() { bytes.append(contentsOf: "null".utf8) }

  /// An object as a value, in the same bytes.
  mutating func object(_ fields: (inout JSONWriter) -> Void) {
    let outer = isFirst
    isFirst = true
    bytes.append(UInt8(ascii: "{"))
    fields(&self)
    bytes.append(UInt8(ascii: "}"))
    isFirst = outer
  }

  /// An array as a value, in the same bytes; `element` writes one value.
  mutating func array<Item>(_ items: [Item], _ element: (Item, inout JSONWriter) -> Void) {
    bytes.append(UInt8(ascii: "["))
    for (index, item) in items.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      element(item, &self)
    }
    bytes.append(UInt8(ascii: "]"))
  }
}
