/// What a statement returned: a copy that needs no connection.
public struct PostgresResult: Sendable {
  public struct Column: Sendable, Equatable {
    public var name: String
    /// The server's number of its type.
    public var typeNumber: UInt32
  }

  public internal(set) var columns: [Column] = []
  public internal(set) var rowCount = 0
  /// Rows that the statement inserted, changed, deleted or returned; 0 for others.
  public internal(set) var affectedRows: Int64 = 0
  /// What the server said meanwhile, at most `PostgresConnection.noticeLimit`; the first ones.
  public internal(set) var notices: [PostgresNotice] = []
  /// The values one after the other.
  var bytes: [UInt8] = []
  /// Row by row; nil for NULL.
  var cells: [Range<Int>?] = []

  init() {}

  public var hasWarning: Bool { notices.contains(where: \.isWarning) }

  /// The value; nil for NULL.
  ///
  /// - Throws: `usage`, when there is no such row or column, or the column has another type.
  public func value<Value: PostgresScalar>(
    _ row: Int, _ column: String, as type: Value.Type = Value.self
  ) throws(PostgresError) -> Value? {
    let (number, cell) = try cell(row, column)
    guard let cell else { return nil }
    guard let value = Value(postgres: bytes[cell], typeNumber: number) else {
      throw PostgresError(.usage, "column \(column) of type \(number) is not read as \(Value.self)")
    }
    return value
  }

  /// The value, which must not be NULL.
  public func required<Value: PostgresScalar>(
    _ row: Int, _ column: String, as type: Value.Type = Value.self
  ) throws(PostgresError) -> Value {
    guard let value = try value(row, column, as: type) else {
      throw PostgresError(.usage, "column \(column) is NULL")
    }
    return value
  }

  /// Where a column stands: results of very many rows are read by it, without a look for the name at each value.
  ///
  /// - Throws: `usage`, when there is no such column.
  public func place(of column: String) throws(PostgresError) -> Int {
    guard let index = columns.firstIndex(where: { $0.name == column }) else {
      throw PostgresError(.usage, "the result has no column \(column)")
    }
    return index
  }

  /// An integer of any width; nil for NULL.
  ///
  /// - Parameter place: of `place(of:)`.
  public func integer(_ row: Int, at place: Int) throws(PostgresError) -> Int64? {
    guard let cell = cells[row * columns.count + place] else { return nil }
    guard let value = Int64(postgres: bytes[cell], typeNumber: columns[place].typeNumber) else {
      throw mismatch(place, "an integer")
    }
    return value
  }

  /// A text; nil for NULL.
  public func text(_ row: Int, at place: Int) throws(PostgresError) -> String? {
    guard let cell = cells[row * columns.count + place] else { return nil }
    guard let value = String(postgres: bytes[cell], typeNumber: columns[place].typeNumber) else {
      throw mismatch(place, "a text")
    }
    return value
  }

  private func mismatch(_ place: Int, _ kind: String) -> PostgresError {
    PostgresError(
      .usage, "column \(columns[place].name) of type \(columns[place].typeNumber) is not read as \(kind)")
  }

  /// What the body makes of each row, in their order.
  public func map<Element>(
    _ body: (Int) throws(PostgresError) -> Element
  ) throws(PostgresError) -> [Element] {
    var elements: [Element] = []
    elements.reserveCapacity(rowCount)
    for row in 0..<rowCount { elements.append(try body(row)) }
    return elements
  }

  /// The elements of a one-dimensional array; nil for NULL.
  public func array<Value: PostgresScalar>(
    _ row: Int, _ column: String, of type: Value.Type = Value.self
  ) throws(PostgresError) -> [Value?]? {
    let (number, cell) = try cell(row, column)
    guard let cell else { return nil }
    guard let elements = Self.elements(bytes[cell], arrayNumber: number, of: type) else {
      throw PostgresError(
        .usage, "column \(column) of type \(number) is not read as an array of \(Value.self)")
    }
    return elements
  }

  private func cell(_ row: Int, _ column: String) throws(PostgresError) -> (UInt32, Range<Int>?) {
    guard row >= 0, row < rowCount, let index = columns.firstIndex(where: { $0.name == column }) else {
      throw PostgresError(.usage, "the result has no column \(column) in row \(row)")
    }
    return (columns[index].typeNumber, cells[row * columns.count + index])
  }

  /// Nil when it is no array of that type with at most one dimension.
  private static func elements<Value: PostgresScalar>(
    _ bytes: ArraySlice<UInt8>, arrayNumber: UInt32, of type: Value.Type
  ) -> [Value?]? {
    var rest = bytes
    func next(_ count: Int) -> ArraySlice<UInt8>? {
      guard count >= 0, rest.count >= count else { return nil }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }
    func number() -> Int32? { next(4).flatMap { Int32(bigEndian: $0) } }
    guard let dimensions = number(), number() != nil, let element = number() else { return nil }
    guard PostgresType.isArray(arrayNumber, of: UInt32(bitPattern: element)) else { return nil }
    guard dimensions > 0 else { return dimensions == 0 && rest.isEmpty ? [] : nil }
    // Every element has a length of four bytes.
    guard dimensions == 1, let count = number(), number() != nil, count >= 0, Int(count) <= rest.count / 4
    else {
      return nil
    }
    var elements: [Value?] = []
    elements.reserveCapacity(Int(count))
    for _ in 0..<count {
      guard let length = number() else { return nil }
      if length == -1 {
        elements.append(nil)
      } else {
        guard let bytes = next(Int(length)),
          let value = Value(postgres: bytes, typeNumber: UInt32(bitPattern: element))
        else { return nil }
        elements.append(value)
      }
    }
    return rest.isEmpty ? elements : nil
  }
}
