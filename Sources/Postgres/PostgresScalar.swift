/// A Swift type that is sent and read in the server's binary format.
public protocol PostgresScalar: Sendable, Equatable {
  /// The type of a parameter of it.
  static var postgresType: PostgresType { get }
  /// Appends the binary form, without a length.
  func appendPostgres(to bytes: inout [UInt8])
  /// Reads the binary form of a column whose type has that number; nil when the type or the length does not fit.
  init?(postgres bytes: ArraySlice<UInt8>, typeNumber: UInt32)
}

extension FixedWidthInteger {
  /// Big-endian, as all integers of the protocol are.
  func appendBigEndian(to bytes: inout [UInt8]) {
    var shift = Self.bitWidth - 8
    while shift >= 0 {
      bytes.append(UInt8(truncatingIfNeeded: self >> Self(shift)))
      shift -= 8
    }
  }

  /// Nil for another number of bytes.
  init?(bigEndian bytes: ArraySlice<UInt8>) {
    guard bytes.count == Self.bitWidth / 8 else { return nil }
    var value: Self = 0
    for byte in bytes { value = value << 8 | Self(truncatingIfNeeded: byte) }
    self = value
  }
}

extension Int64: PostgresScalar {
  public static var postgresType: PostgresType { .int64 }
  public func appendPostgres(to bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }

  public init?(postgres bytes: ArraySlice<UInt8>, typeNumber: UInt32) {
    switch PostgresType(rawValue: typeNumber) {
    case .int64: self.init(bigEndian: bytes)
    case .int32, .int16:
      guard let value = Int32(postgres: bytes, typeNumber: typeNumber) else { return nil }
      self = Int64(value)
    default: return nil
    }
  }
}

extension Int32: PostgresScalar {
  public static var postgresType: PostgresType { .int32 }
  public func appendPostgres(to bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }

  public init?(postgres bytes: ArraySlice<UInt8>, typeNumber: UInt32) {
    switch PostgresType(rawValue: typeNumber) {
    case .int32: self.init(bigEndian: bytes)
    case .int16:
      guard let value = Int16(bigEndian: bytes) else { return nil }
      self = Int32(value)
    default: return nil
    }
  }
}

extension Int16: PostgresScalar {
  public static var postgresType: PostgresType { .int16 }
  public func appendPostgres(to bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }

  public init?(postgres bytes: ArraySlice<UInt8>, typeNumber: UInt32) {
    guard typeNumber == PostgresType.int16.rawValue else { return nil }
    self.init(bigEndian: bytes)
  }
}

extension Bool: PostgresScalar {
  public static var postgresType: PostgresType { .bool }
  public func appendPostgres(to bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }

  public init?(postgres bytes: ArraySlice<UInt8>, typeNumber: UInt32) {
    guard typeNumber == PostgresType.bool.rawValue, bytes.count == 1, let byte = bytes.first, byte <= 1 else {
      return nil
    }
    self = byte == 1
  }
}

extension Double: PostgresScalar {
  public static var postgresType: PostgresType { .double }
  public func appendPostgres(to bytes: inout [UInt8]) { bitPattern.appendBigEndian(to: &bytes) }

  public init?(postgres bytes: ArraySlice<UInt8>, typeNumber: UInt32) {
    guard typeNumber == PostgresType.double.rawValue, let bits = UInt64(bigEndian: bytes) else { return nil }
    self.init(bitPattern: bits)
  }
}

extension String: PostgresScalar {
  public static var postgresType: PostgresType { .text }
  public func appendPostgres(to bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }

  /// Also jsonb, as text. The text must be UTF-8.
  public init?(postgres bytes: ArraySlice<UInt8>, typeNumber: UInt32) {
    var bytes = bytes
    if typeNumber == PostgresType.jsonb.rawValue {
      // A version number comes first.
      guard bytes.popFirst() == 1 else { return nil }
    } else if !PostgresType.textNumbers.contains(typeNumber) {
      return nil
    }
    self.init(validating: bytes, as: UTF8.self)
  }
}

extension Array: PostgresScalar where Element == UInt8 {
  public static var postgresType: PostgresType { .bytes }
  public func appendPostgres(to bytes: inout [UInt8]) { bytes.append(contentsOf: self) }

  public init?(postgres bytes: ArraySlice<UInt8>, typeNumber: UInt32) {
    guard typeNumber == PostgresType.bytes.rawValue else { return nil }
    self = Array(bytes)
  }
}
