/// Writes one flat JSON object, field by field, with numbers whose form never changes their type.
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

  /// Closes the object with `}` and returns its bytes.
  public mutating func end() -> [UInt8] {
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  public mutating func field(_ name: String, _ value: String) {
    key(name)
    Self.append(quoted: value, to: &bytes)
  }

  public mutating func field(_ name: String, _ value: Int64) {
    key(name)
    bytes.append(contentsOf: String(value).utf8)
  }

  public mutating func field(_ name: String, _ value: Int) {
    field(name, Int64(value))
  }

  public mutating func field(_ name: String, _ value: Bool) {
    key(name)
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  /// A decimal of `digits` (≥ 1) places; `scaled` is the value times 10^digits.
  public mutating func field(_ name: String, scaled: Int64, digits: Int) {
    key(name)
    Self.append(scaled: scaled, digits: digits, to: &bytes)
  }

  /// A value that is already JSON text, e.g. a nested array; inserted as it is.
  public mutating func field(_ name: String, json: [UInt8]) {
    key(name)
    bytes.append(contentsOf: json)
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

  private mutating func key(_ name: String) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    Self.append(quoted: name, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
  }
}
