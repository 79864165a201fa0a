import CPostgres

/// One connection to a server.
///
/// One thread at a time calls it: it is not `Sendable`, and an owner that hands it to another thread must not use it any
/// more. Every call ends within its time; what was not answered by then is given up by closing the connection, because a
/// server that does not answer may not answer to a request to cancel either. After an error that closed it, make another
/// connection.
@safe public final class PostgresConnection {
  /// How many notices of a statement are kept.
  public static let noticeLimit = 64
  /// The most bytes of a result, unless the caller allows others. libpq has one row more in memory.
  public static let usualResultLimit = 16 << 20
  /// The most parameters of a statement (a length of two bytes in the protocol).
  static let parameterLimit = 65_535

  private(set) var handle: OpaquePointer?
  let log = NoticeLog()
  let interrupt: PostgresInterrupt?
  /// The server that answered, `host:port`.
  public internal(set) var server = ""
  var prepared = 0

  /// Connects to the first server of the list that accepts, within `timeoutMs`. Each address gets its share of the time.
  ///
  /// - Throws: the refusal of a server, or `connection` with what each address said; `usage`, while a variable of libpq
  ///   is set (`PostgresEnvironment`).
  public init(_ settings: PostgresSettings, timeoutMs: Int64 = 10_000, interrupt: PostgresInterrupt? = nil)
    throws(PostgresError)
  {
    unsafe handle = nil
    self.interrupt = interrupt
    if let name = PostgresEnvironment.firstThatIsSet {
      throw PostgresError(.usage, "the variable \(name) is set, which libpq would read; unset it")
    }
    try connect(settings, Waiter(milliseconds: timeoutMs, interrupt: interrupt))
  }

  deinit { unsafe PQfinish(handle) }

  /// Closes it; a running statement is given up. Does nothing when it is closed.
  public func close() {
    unsafe PQfinish(handle)
    unsafe handle = nil
  }

  public var isOpen: Bool { unsafe handle != nil }

  /// E.g. 150018 for 15.18; 0 when closed.
  public var serverVersion: Int32 { unsafe PQserverVersion(handle) }
  /// The server's process, for its log; 0 when closed.
  public var serverProcess: Int32 { unsafe PQbackendPID(handle) }
  /// Whether the connection is encrypted.
  public var isEncrypted: Bool { unsafe PQsslInUse(handle) != 0 }

  func take(_ made: OpaquePointer) {
    unsafe PQfinish(handle)
    unsafe handle = unsafe made
  }

  /// Closes and returns the error.
  func lost(_ message: String, isOutcomeUnknown: Bool) -> PostgresError {
    close()
    return PostgresError(.connection, message, isOutcomeUnknown: isOutcomeUnknown)
  }

  /// The connection's own message.
  var ownMessage: String { unsafe Self.line(PQerrorMessage(handle)) }

  /// A C string as one line of at most 400 characters; empty for NULL.
  static func line(_ text: UnsafePointer<CChar>?) -> String {
    guard let text = unsafe text else { return "" }
    let words = unsafe String(cString: text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.count > 400 ? words.prefix(400) + "…" : words
  }

  static func line(_ text: UnsafeMutablePointer<CChar>?) -> String {
    unsafe line(UnsafePointer(text))
  }
}
