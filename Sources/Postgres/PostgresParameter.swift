/// A value for `$1`, `$2`, … of a statement, in binary form.
public struct PostgresParameter: Sendable {
  /// The server's number of the type.
  let typeNumber: UInt32
  /// Nil for NULL.
  let bytes: [UInt8]?

  init(typeNumber: UInt32, bytes: [UInt8]?) {
    self.typeNumber = typeNumber
    self.bytes = bytes
  }

  /// One value, or NULL.
  public init<Value: PostgresScalar>(_ value: Value?) {
    typeNumber = Value.postgresType.rawValue
    bytes = value.map { value in
      var bytes: [UInt8] = []
      value.appendPostgres(to: &bytes)
      return bytes
    }
  }

  /// A one-dimensional array, whose elements may be NULL, or NULL.
  public init<Value: PostgresScalar>(array values: [Value?]?) {
    guard let values else {
      self.init(typeNumber: Value.postgresType.arrayNumber, bytes: nil)
      return
    }
    var array = PostgresArray<Value>()
    for value in values { array.append(value) }
    self = array.parameter
  }

  /// JSON as `jsonb`. The server checks it.
  public static func json(_ text: [UInt8]) -> PostgresParameter {
    PostgresParameter(typeNumber: PostgresType.jsonb.rawValue, bytes: [1] + text)
  }
}
