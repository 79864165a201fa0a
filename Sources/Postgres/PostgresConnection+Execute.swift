import CPostgres

extension PostgresConnection {
  /// Executes one statement, with `$1`, `$2`, … as its parameters, in a transaction of its own unless one was begun.
  ///
  /// It leaves nothing behind in the session, so it works through a pooler.
  ///
  /// - Parameters:
  ///   - timeoutMs: after that the connection is closed; whether the statement was committed is unknown.
  ///   - resultLimitBytes: a longer result closes the connection.
  /// - Throws: what the server said, or `connection` when no answer came.
  @discardableResult
  public func execute(
    _ sql: String, _ parameters: [PostgresParameter] = [], timeoutMs: Int64 = 10_000,
    resultLimitBytes: Int = usualResultLimit
  ) throws(PostgresError) -> PostgresResult {
    try unsafe run(parameters, timeoutMs, resultLimitBytes) {
      handle, count, types, values, lengths, formats in
      unsafe PQsendQueryParams(handle, sql, count, types, values, lengths, formats, 1)
    }
  }

  /// Prepares a statement for the connection's life.
  ///
  /// - Parameter types: of the parameters, as far as the statement does not say them.
  public func prepare(_ sql: String, types: [PostgresType] = [], timeoutMs: Int64 = 10_000)
    throws(PostgresError)
    -> PostgresStatement
  {
    prepared += 1
    let name = "andon_\(prepared)"
    _ = try unsafe run([], timeoutMs, Self.usualResultLimit) { handle, _, _, _, _, _ in
      unsafe PQsendPrepare(handle, name, sql, Int32(types.count), types.map(\.rawValue))
    }
    return PostgresStatement(name: name, connection: ObjectIdentifier(self))
  }

  /// Executes a prepared statement; otherwise as `execute`.
  @discardableResult
  public func execute(
    _ statement: PostgresStatement, _ parameters: [PostgresParameter] = [], timeoutMs: Int64 = 10_000,
    resultLimitBytes: Int = usualResultLimit
  ) throws(PostgresError) -> PostgresResult {
    guard statement.connection == ObjectIdentifier(self) else {
      throw PostgresError(.usage, "the statement was prepared on another connection")
    }
    return try unsafe run(parameters, timeoutMs, resultLimitBytes) {
      handle, count, _, values, lengths, formats in
      unsafe PQsendQueryPrepared(handle, statement.name, count, values, lengths, formats, 1)
    }
  }

  /// Executes several statements without parameters and returns no rows. They are one transaction, unless one was begun
  /// or the script has `BEGIN` or `COMMIT`.
  @discardableResult
  public func executeScript(_ sql: String, timeoutMs: Int64 = 60_000) throws(PostgresError)
    -> [PostgresNotice]
  {
    try unsafe run([], timeoutMs, Self.usualResultLimit, isScript: true) { handle, _, _, _, _, _ in
      unsafe PQsendQuery(handle, sql)
    }.notices
  }

  private typealias Send = (
    _ handle: OpaquePointer, _ count: Int32, _ types: [UInt32], _ values: [UnsafePointer<CChar>?],
    _ lengths: [Int32], _ formats: [Int32]
  ) -> Int32

  private func run(
    _ parameters: [PostgresParameter], _ timeoutMs: Int64, _ limitBytes: Int, isScript: Bool = false,
    _ send: Send
  ) throws(PostgresError) -> PostgresResult {
    guard let handle = unsafe handle else { throw PostgresError(.connection, "the connection is closed") }
    guard parameters.count <= Self.parameterLimit else {
      throw PostgresError(.usage, "more than \(Self.parameterLimit) parameters")
    }
    let length = parameters.reduce(0) { $0 + ($1.bytes?.count ?? 0) }
    guard length < Int(Int32.max) / 2 else {
      throw PostgresError(.usage, "the parameters have \(length) bytes")
    }
    _ = log.take()
    let sent = unsafe Self.withValues(parameters, length) { values in
      unsafe send(
        handle, Int32(parameters.count), parameters.map(\.typeNumber), values,
        parameters.map { Int32($0.bytes?.count ?? 0) }, parameters.map { _ in 1 })
    }
    guard sent == 1 else { throw lost(ownMessage, isOutcomeUnknown: false) }
    // Row by row, so that a result that is too long is noticed before it is in memory.
    if !isScript { unsafe _ = PQsetSingleRowMode(handle) }
    let waiter = Waiter(milliseconds: timeoutMs, interrupt: interrupt)
    try flush(waiter)
    return try results(waiter, limitBytes)
  }

  /// All values in one buffer, and where each begins in it: libpq copies them.
  private static func withValues<Result>(
    _ parameters: [PostgresParameter], _ length: Int, _ body: ([UnsafePointer<CChar>?]) -> Result
  ) -> Result {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(length + 1)
    for parameter in parameters { bytes += parameter.bytes ?? [] }
    // Never empty, so that it has an address: a value without bytes must not look like NULL.
    bytes.append(0)
    return unsafe bytes.withUnsafeBytes { buffer in
      var start = 0
      var values: [UnsafePointer<CChar>?] = unsafe []
      unsafe values.reserveCapacity(parameters.count)
      for parameter in parameters {
        guard let value = parameter.bytes else {
          unsafe values.append(nil)
          continue
        }
        unsafe values.append(
          buffer.baseAddress.map { unsafe ($0 + start).assumingMemoryBound(to: CChar.self) })
        start += value.count
      }
      return unsafe body(values)
    }
  }

  private func flush(_ waiter: Waiter) throws(PostgresError) {
    while true {
      switch unsafe PQflush(handle) {
      case 0: return
      case 1:
        // A server that is itself blocked in sending reads nothing: take its data, too.
        try wait(waiter, forWriting: true)
        guard unsafe PQconsumeInput(handle) == 1 else { return }
      // The server may have said why it closes: `results` reads that.
      default: return
      }
    }
  }

  private func wait(_ waiter: Waiter, forWriting: Bool = false) throws(PostgresError) {
    switch unsafe waiter.wait(PQsocket(handle), forReading: true, forWriting: forWriting) {
    case .ready: return
    case .timeout: throw lost("no answer in time", isOutcomeUnknown: true)
    case .interrupted: throw lost("interrupted", isOutcomeUnknown: true)
    }
  }

  /// Reads to the end of the statement: only then the server has committed, and the connection can be used again.
  private func results(_ waiter: Waiter, _ limitBytes: Int) throws(PostgresError) -> PostgresResult {
    var result = PostgresResult()
    var failure: PostgresError?
    while true {
      // Without a connection PQgetResult does not wait: it returns the server's last words, or libpq's own.
      while unsafe PQstatus(handle) == CONNECTION_OK && PQisBusy(handle) == 1 {
        try wait(waiter)
        unsafe _ = PQconsumeInput(handle)
      }
      guard let part = unsafe PQgetResult(handle) else { break }
      defer { unsafe PQclear(part) }
      switch unsafe PQresultStatus(part) {
      case PGRES_SINGLE_TUPLE, PGRES_TUPLES_OK:
        unsafe Self.add(part, to: &result)
        guard result.bytes.count <= limitBytes else {
          throw lost("the result has more than \(limitBytes) bytes", isOutcomeUnknown: true)
        }
      case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
        result.affectedRows = unsafe Int64(Self.line(PQcmdTuples(part))) ?? 0
      case PGRES_FATAL_ERROR:
        let new = unsafe error(part)
        failure = failure ?? new
      default: throw lost("the statement is a COPY, which is not done here", isOutcomeUnknown: true)
      }
    }
    if let failure {
      if unsafe failure.isOutcomeUnknown || PQstatus(handle) == CONNECTION_BAD { close() }
      throw failure
    }
    guard unsafe PQstatus(handle) == CONNECTION_OK else { throw lost(ownMessage, isOutcomeUnknown: true) }
    result.notices = log.take()
    return result
  }

  private static func add(_ part: OpaquePointer, to result: inout PostgresResult) {
    let columns = unsafe PQnfields(part)
    if result.columns.isEmpty {
      result.columns = (0..<columns).map { column in
        unsafe PostgresResult.Column(
          name: String(cString: PQfname(part, column)), typeNumber: PQftype(part, column))
      }
    }
    let rows = unsafe PQntuples(part)
    for row in 0..<rows {
      result.rowCount += 1
      for column in 0..<columns {
        guard unsafe PQgetisnull(part, row, column) == 0, let value = unsafe PQgetvalue(part, row, column)
        else {
          result.cells.append(nil)
          continue
        }
        let start = result.bytes.count
        let length = unsafe Int(PQgetlength(part, row, column))
        unsafe result.bytes.append(contentsOf: UnsafeRawBufferPointer(start: value, count: length))
        result.cells.append(start..<result.bytes.count)
      }
    }
    if unsafe PQresultStatus(part) == PGRES_TUPLES_OK {
      result.affectedRows = unsafe Int64(line(PQcmdTuples(part))) ?? 0
    }
  }

  private func error(_ part: OpaquePointer) -> PostgresError {
    let state = unsafe Self.field(part, andon_pg_sqlstate())
    let severity = unsafe Self.field(part, andon_pg_severity())
    // libpq makes a result without a state itself, when it lost the server.
    guard !state.isEmpty, !severity.isEmpty else {
      return unsafe PostgresError(.connection, Self.line(PQresultErrorMessage(part)), isOutcomeUnknown: true)
    }
    return unsafe PostgresError(
      PostgresError.kind(ofSQLState: state), Self.field(part, andon_pg_primary()), sqlState: state,
      detail: Self.field(part, andon_pg_detail()), constraint: Self.field(part, andon_pg_constraint()),
      // FATAL ends the session, also while it waits for the standby after its commit.
      isOutcomeUnknown: severity != "ERROR")
  }
}
