/// The types that parameters have. The raw values are the server's numbers of its built-in types (`pg_type.dat`), which
/// never change.
public enum PostgresType: UInt32, Sendable, CaseIterable {
  case bool = 16
  case bytes = 17
  case int64 = 20
  case int16 = 21
  case int32 = 23
  case text = 25
  case double = 701
  /// Only as one value; written as text.
  case jsonb = 3802

  /// The number of the type of one-dimensional arrays.
  var arrayNumber: UInt32 {
    switch self {
    case .bool: 1000
    case .bytes: 1001
    case .int16: 1005
    case .int32: 1007
    case .text: 1009
    case .int64: 1016
    case .double: 1022
    case .jsonb: 3807
    }
  }

  /// Types that are read as text: char, name, text, json, bpchar and varchar.
  static let textNumbers: Set<UInt32> = [18, 19, 25, 114, 1042, 1043]
  /// The arrays of those, and their elements.
  private static let textArrays: [UInt32: UInt32] = [
    1002: 18, 1003: 19, 1009: 25, 199: 114, 1014: 1042, 1015: 1043,
  ]

  /// Whether a column of the type `number` is an array of elements of the type `element`.
  static func isArray(_ number: UInt32, of element: UInt32) -> Bool {
    PostgresType(rawValue: element)?.arrayNumber == number || textArrays[number] == element
  }
}
