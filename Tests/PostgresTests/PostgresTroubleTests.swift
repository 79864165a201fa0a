import Foundation
import Postgres
import TestSupport
import Testing

/// What goes wrong in a statement.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct PostgresTroubleTests {
  @Test func aStatementThatTakesTooLongIsGivenUp() throws {
    let connection = try PostgresSuite.connect()
    let begin = ContinuousClock.now
    let error = PostgresSuite.failure { () throws(PostgresError) in
      try connection.execute("SELECT pg_sleep(100)", timeoutMs: 200)
    }
    #expect(error?.kind == .connection)
    #expect(error?.isOutcomeUnknown == true)
    #expect(error?.message == "no answer in time")
    #expect(ContinuousClock.now - begin < .seconds(20))
    #expect(!connection.isOpen)
    let after = PostgresSuite.failure { () throws(PostgresError) in try connection.execute("SELECT 1") }
    #expect(after?.kind == .connection)
    #expect(after?.isOutcomeUnknown == false)
  }

  @Test func anInterruptEndsAStatementFromAnotherThread() throws {
    let interrupt = try PostgresInterrupt()
    let connection = try PostgresSuite.connect(interrupt: interrupt)
    let process = connection.serverProcess
    let other = Thread {
      let watcher = try? PostgresSuite.connect()
      // Only when the statement runs.
      try? waitUntil("the statement") {
        try watcher?.execute(
          "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state = 'active'", [.init(process)]
        ).rowCount == 1
      }
      interrupt.signal()
    }
    other.start()
    let error = PostgresSuite.failure { () throws(PostgresError) in
      try connection.execute("SELECT pg_sleep(100)", timeoutMs: 90_000)
    }
    #expect(error?.message == "interrupted")
    #expect(!connection.isOpen)
    let next = PostgresSuite.failure { () throws(PostgresError) in
      let settings = try PostgresSettings(url: "postgresql://postgres@127.0.0.1:1/postgres")
      _ = try PostgresConnection(settings, interrupt: interrupt)
    }
    #expect(next?.kind == .connection)
  }

  @Test func aServerThatIsKilledInAStatementLeavesTheOutcomeUnknown() throws {
    let server = try PostgresServer()
    let settings = try PostgresSettings(url: server.url())
    let connection = try PostgresConnection(settings)
    let process = connection.serverProcess
    let killer = Thread {
      let watcher = try? PostgresConnection(settings)
      try? waitUntil("the statement") {
        try watcher?.execute(
          "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state = 'active'", [.init(process)]
        ).rowCount == 1
      }
      server.stop(signal: SIGQUIT)
    }
    killer.start()
    let error = PostgresSuite.failure { () throws(PostgresError) in
      try connection.execute("SELECT pg_sleep(100)", timeoutMs: 90_000)
    }
    #expect(error?.isOutcomeUnknown == true)
    #expect(error.map { [.connection, .again].contains($0.kind) } == true, "\(String(describing: error))")
    #expect(!connection.isOpen)
    try waitUntil("the thread") { killer.isFinished }
    #expect(
      PostgresSuite.failure { () throws(PostgresError) in _ = try PostgresConnection(settings) }?.kind
        == .connection)
    try server.start()
    #expect(try PostgresConnection(settings).execute("SELECT 1 AS a").value(0, "a") == Int32(1))
  }

  @Test func aWarningIsSeenByTheCaller() throws {
    let connection = try PostgresSuite.connect()
    let raise = "DO $$ BEGIN RAISE WARNING 'may not be on the standby'; RAISE NOTICE 'only said'; END $$"
    let result = try connection.execute(raise)
    #expect(result.hasWarning)
    #expect(
      result.notices == [
        PostgresNotice(severity: "WARNING", sqlState: "01000", message: "may not be on the standby"),
        PostgresNotice(severity: "NOTICE", sqlState: "00000", message: "only said"),
      ])
    // It belongs to its own statement.
    #expect(try !connection.execute("SELECT 1").hasWarning)
    let many = try connection.execute(
      "DO $$ BEGIN FOR i IN 1..1000 LOOP RAISE WARNING '% %', i, repeat('x', 2000); END LOOP; END $$")
    #expect(many.notices.count == PostgresConnection.noticeLimit)
    #expect(many.notices.allSatisfy { $0.message.count <= 401 })
  }

  @Test(arguments: [
    ("08006", PostgresError.Kind.connection), ("40001", .again), ("40P01", .again), ("53100", .again),
    ("53300", .again),
    ("55P03", .again), ("57P01", .again), ("57014", .again), ("58030", .again), ("25006", .again),
    ("21000", .data),
    ("22003", .data), ("22021", .data), ("23505", .data), ("23514", .data), ("28P01", .permission),
    ("28000", .permission), ("3D000", .permission), ("42501", .permission), ("42P01", .schema),
    ("42883", .schema),
    ("3F000", .schema), ("0A000", .schema), ("P0001", .unknown), ("XX000", .unknown), ("AN001", .unknown),
  ])
  func theClassOfAnErrorFollowsItsState(state: String, kind: PostgresError.Kind) throws {
    let connection = try PostgresSuite.connect()
    let error = PostgresSuite.failure { () throws(PostgresError) in
      try connection.execute("DO $$ BEGIN RAISE EXCEPTION 'said so' USING ERRCODE = '\(state)'; END $$")
    }
    #expect(error?.kind == kind)
    #expect(error?.sqlState == state)
    #expect(error?.message == "said so")
    #expect(error?.description == "said so (SQLSTATE \(state))")
    #expect(error?.isOutcomeUnknown == false)
    // An error of a statement is no error of the connection.
    #expect(try connection.execute("SELECT 1 AS a").value(0, "a") == Int32(1))
  }

  @Test func aViolatedConstraintIsNamed() throws {
    let connection = try PostgresSuite.connect()
    try connection.executeScript(
      "CREATE TEMP TABLE t (a int CONSTRAINT small CHECK (a < 10), CONSTRAINT once UNIQUE (a))")
    try connection.execute("INSERT INTO t VALUES (1)")
    let twice = PostgresSuite.failure { () throws(PostgresError) in
      try connection.execute("INSERT INTO t VALUES (1)")
    }
    #expect(twice?.constraint == "once")
    #expect(twice?.detail == "Key (a)=(1) already exists.")
    let large = PostgresSuite.failure { () throws(PostgresError) in
      try connection.execute("INSERT INTO t VALUES (10)")
    }
    #expect(large?.constraint == "small")
    #expect(large?.sqlState == "23514")
  }

  @Test func aScriptIsOneTransaction() throws {
    let connection = try PostgresSuite.connect()
    try connection.executeScript("CREATE TEMP TABLE t (a int)")
    let error = PostgresSuite.failure { () throws(PostgresError) in
      try connection.executeScript("INSERT INTO t VALUES (1); INSERT INTO t VALUES (1 / 0)")
    }
    #expect(error?.sqlState == "22012")
    #expect(try connection.execute("SELECT a FROM t").rowCount == 0)
  }

  @Test func theSessionThatIsEndedByTheServerMayHaveCommitted() throws {
    let connection = try PostgresSuite.connect()
    let process = connection.serverProcess
    let killer = Thread {
      let watcher = try? PostgresSuite.connect()
      try? waitUntil("the statement") {
        try watcher?.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND state = 'active'",
          [.init(process)]
        ).rowCount == 1
      }
    }
    killer.start()
    let error = PostgresSuite.failure { () throws(PostgresError) in
      try connection.execute("SELECT pg_sleep(100)", timeoutMs: 90_000)
    }
    #expect(error?.sqlState == "57P01")
    #expect(error?.isOutcomeUnknown == true)
    #expect(!connection.isOpen)
  }

  @Test func aCopyIsNotDone() throws {
    let connection = try PostgresSuite.connect()
    let error = PostgresSuite.failure { () throws(PostgresError) in
      try connection.execute("COPY (SELECT 1) TO STDOUT")
    }
    #expect(error?.kind == .connection)
    #expect(!connection.isOpen)
  }

  @Test func aStatementOfManyMegabytesIsSentWhole() throws {
    let connection = try PostgresSuite.connect()
    let bytes = [UInt8](repeating: 7, count: 40 << 20)
    let result = try connection.execute(
      "SELECT length($1) AS a, get_byte($1, 41943039) AS b", [.init(bytes)], timeoutMs: 60_000)
    #expect(try result.value(0, "a") == Int32(40 << 20))
    #expect(try result.value(0, "b") == Int32(7))
  }
}
