import Postgres
import TestSupport
import Testing

/// Every type, there and back.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct PostgresValueTests {
  private struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  /// Sends a value and an array, and reads both again; the server's text of them is its own opinion.
  private func check<Value: PostgresScalar>(
    _ connection: PostgresConnection, _ type: String, _ value: Value?, _ array: [Value?]
  ) throws {
    let result = try connection.execute(
      "SELECT $1::\(type) AS one, $2::\(type)[] AS many, coalesce(cardinality($2), -1) AS count",
      [.init(value), .init(array: array)])
    #expect(try result.value(0, "one", as: Value.self) == value)
    #expect(try result.array(0, "many", of: Value.self) == array)
    #expect(try result.required(0, "count", as: Int32.self) == Int32(array.count))
  }

  @Test(.seeded) func everyTypeComesBackAsItWasSent() throws {
    let connection = try PostgresSuite.connect()
    var random = Random(state: Seed.one)
    func some<Value>(_ value: Value) -> Value? { Int.random(in: 0..<5, using: &random) == 0 ? nil : value }
    func many<Value>(_ make: () -> Value) -> [Value?] {
      (0..<Int.random(in: 0...40, using: &random)).map { _ in some(make()) }
    }
    func text() -> String {
      let scalars = (0..<Int.random(in: 0...30, using: &random)).compactMap { _ in
        UnicodeScalar(UInt32.random(in: 1...0x1_0FFFF, using: &random))
      }
      return String(String.UnicodeScalarView(scalars))
    }
    func bytes() -> [UInt8] {
      (0..<Int.random(in: 0...50, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
    func int64() -> Int64 {
      [.min, .max, 0, -1, Int64.random(in: .min ... .max, using: &random)].randomElement(using: &random)!
    }
    func double() -> Double {
      [.infinity, -.infinity, -0.0, .leastNonzeroMagnitude, Double(int64()), 0.1].randomElement(
        using: &random)!
    }
    for _ in 0..<60 {
      try check(connection, "bigint", some(int64()), many { int64() })
      try check(
        connection, "int", some(Int32(truncatingIfNeeded: int64())),
        many { Int32(truncatingIfNeeded: int64()) })
      try check(
        connection, "smallint", some(Int16(truncatingIfNeeded: int64())),
        many { Int16(truncatingIfNeeded: int64()) })
      try check(connection, "bool", some(Bool.random(using: &random)), many { Bool.random(using: &random) })
      try check(connection, "float8", some(double()), many { double() })
      try check(connection, "text", some(text()), many { text() })
      try check(connection, "bytea", some(bytes()), many { bytes() })
    }
  }

  @Test func theServerReadsWhatIsMeant() throws {
    let connection = try PostgresSuite.connect()
    let result = try connection.execute(
      "SELECT $1::text AS a, $2::text AS b, $3::text AS c, $4::text AS d, encode($5, 'hex') AS e, $6::text AS f",
      [
        .init(Int64.min), .init(array: [1, nil, -3] as [Int16?]), .init(array: [true, false]),
        .init(array: ["a,b", "", nil, "NULL", "\"é\""]), .init([0, 255, 16] as [UInt8]), .init(1.5),
      ])
    #expect(try result.value(0, "a") == "-9223372036854775808")
    #expect(try result.value(0, "b") == "{1,NULL,-3}")
    #expect(try result.value(0, "c") == "{t,f}")
    #expect(try result.value(0, "d") == #"{"a,b","",NULL,"NULL","\"é\""}"#)
    #expect(try result.value(0, "e") == "00ff10")
    #expect(try result.value(0, "f") == "1.5")
  }

  @Test func nullAndEmptyAreTwoThings() throws {
    let connection = try PostgresSuite.connect()
    let result = try connection.execute(
      "SELECT $1::text IS NULL AS a, $2 = '' AS b, $3::bytea IS NULL AS c, $4 = ''::bytea AS d, "
        + "$5::bigint[] IS NULL AS e, $6 = '{}'::text[] AS f, $7 = '' AS g",
      [
        .init(nil as String?), .init(""), .init(nil as [UInt8]?), .init([] as [UInt8]),
        .init(array: nil as [Int64?]?), .init(array: [] as [String?]), .init(""),
      ])
    for column in ["a", "b", "c", "d", "e", "f", "g"] {
      #expect(try result.required(0, column, as: Bool.self), "\(column)")
    }
    #expect(try connection.execute("SELECT NULL::int AS a").value(0, "a", as: Int32.self) == nil)
  }

  @Test func aLongTextComesBackWhole() throws {
    let connection = try PostgresSuite.connect()
    let text = String(repeating: "0123456789abcdef", count: 1 << 19)
    let result = try connection.execute("SELECT $1::text AS a", [.init(text)])
    #expect(try result.value(0, "a") == text)
  }

  @Test func aResultThatIsTooLongEndsTheConnection() throws {
    let connection = try PostgresSuite.connect()
    let error = PostgresSuite.failure { () throws(PostgresError) in
      try connection.execute(
        "SELECT repeat('x', 1000) AS a FROM generate_series(1, 100000)", resultLimitBytes: 100_000)
    }
    #expect(error?.kind == .connection)
    #expect(error?.message == "the result has more than 100000 bytes")
    #expect(!connection.isOpen)
  }

  @Test func jsonIsSentAsJsonbAndReadAsText() throws {
    let connection = try PostgresSuite.connect()
    let result = try connection.execute(
      "SELECT $1 AS a, ($1->>'n')::bigint AS n, 'x'::\"char\" AS c",
      [.json(Array(#"{"n": 9007199254740993}"#.utf8))])
    #expect(try result.value(0, "a") == #"{"n": 9007199254740993}"#)
    #expect(try result.value(0, "n") == Int64(9_007_199_254_740_993))
    #expect(try result.value(0, "c") == "x")
  }

  @Test func anotherTypeOrAnUnknownColumnIsAnErrorWithWords() throws {
    let connection = try PostgresSuite.connect()
    let result = try connection.execute(
      "SELECT 1::bigint AS a, '{{1},{2}}'::int[] AS b, now() AS c, '{1}'::int[] AS d")
    func words(_ body: () throws(PostgresError) -> Void) -> String? {
      let error = PostgresSuite.failure(body)
      #expect(error?.kind == .usage)
      return error?.message
    }
    #expect(
      words { () throws(PostgresError) in _ = try result.value(0, "a", as: Int32.self) }
        == "column a of type 20 is not read as Int32")
    #expect(words { () throws(PostgresError) in _ = try result.value(0, "a", as: String.self) } != nil)
    #expect(words { () throws(PostgresError) in _ = try result.array(0, "b", of: Int32.self) } != nil)
    #expect(words { () throws(PostgresError) in _ = try result.array(0, "d", of: Int16.self) } != nil)
    #expect(words { () throws(PostgresError) in _ = try result.value(0, "c", as: Int64.self) } != nil)
    #expect(
      words { () throws(PostgresError) in _ = try result.value(1, "a", as: Int64.self) }
        == "the result has no column a in row 1")
    #expect(words { () throws(PostgresError) in _ = try result.value(0, "z", as: Int64.self) } != nil)
    // Smaller integers fit into larger ones.
    #expect(try connection.execute("SELECT 7::smallint AS a").value(0, "a") == Int64(7))
    #expect(try result.array(0, "d", of: Int64.self) == [1])
  }

  @Test func manyRowsAndTheNumberOfChangedOnes() throws {
    let connection = try PostgresSuite.connect()
    let result = try connection.execute("SELECT i, i * 2 AS j FROM generate_series(1::bigint, 2000) AS s (i)")
    #expect(result.rowCount == 2000)
    #expect(result.columns.map(\.name) == ["i", "j"])
    for row in 0..<2000 { #expect(try result.value(row, "j") == Int64(row + 1) * 2) }
    try connection.executeScript("CREATE TEMP TABLE t (a int); INSERT INTO t SELECT generate_series(1, 10)")
    #expect(try connection.execute("DELETE FROM t WHERE a > $1", [.init(Int32(4))]).affectedRows == 6)
    let none = try connection.execute("SELECT a FROM t WHERE a > 100")
    #expect(none.rowCount == 0)
    #expect(none.columns.count == 1)
    #expect(try connection.execute("INSERT INTO t VALUES (1) RETURNING a").affectedRows == 1)
  }

  @Test func aPreparedStatementIsExecutedAgain() throws {
    let connection = try PostgresSuite.connect()
    let statement = try connection.prepare("SELECT $1 + 1 AS a", types: [.int64])
    for value in Int64(0)..<5 {
      #expect(try connection.execute(statement, [.init(value)]).value(0, "a") == value + 1)
    }
    let other = try PostgresSuite.connect()
    #expect(
      PostgresSuite.failure { () throws(PostgresError) in try other.execute(statement, [.init(Int64(1))]) }?
        .kind == .usage)
  }

  @Test func aMillionElementsInOneArray() throws {
    let connection = try PostgresSuite.connect()
    var numbers = PostgresArray<Int64>()
    for number in Int64(1)...1_000_000 { numbers.append(number) }
    let result = try connection.execute(
      "SELECT sum(n)::bigint AS s FROM unnest($1::bigint[]) AS u (n)", [numbers.parameter])
    #expect(try result.value(0, "s") == Int64(500_000_500_000))
  }
}
