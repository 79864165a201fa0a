import CPostgres
import Glibc

extension PostgresConnection {
  /// One address of one server.
  private struct Place {
    var host: PostgresSettings.Host
    /// Nil for a socket.
    var address: String?
  }

  func connect(_ settings: PostgresSettings, _ waiter: Waiter) throws(PostgresError) {
    var failures: [PostgresError] = []
    for (index, host) in settings.hosts.enumerated() {
      let share = waiter.remainingMs / Int64(settings.hosts.count - index)
      let own = Waiter(milliseconds: share, interrupt: interrupt)
      do {
        try connect(settings, host, own)
        return
      } catch {
        failures.append(error)
      }
    }
    // A refusal says more than a server that is away.
    let kind = failures.map(\.kind).first { $0 != .connection } ?? .connection
    let state = failures.first { $0.kind == kind && !$0.sqlState.isEmpty }?.sqlState ?? ""
    throw PostgresError(kind, failures.map(\.message).joined(separator: "; "), sqlState: state)
  }

  private func connect(
    _ settings: PostgresSettings, _ host: PostgresSettings.Host, _ waiter: Waiter
  ) throws(PostgresError) {
    var addresses: [String?] = [host.address]
    if !host.isSocket, host.address == nil {
      addresses = try HostLookup.addresses(of: host.name, waiter).map { $0 }
    }
    var last = PostgresError(.connection, "no time was left for \(host.name)")
    for (index, address) in addresses.enumerated() {
      let share = waiter.remainingMs / Int64(addresses.count - index)
      do {
        try attempt(
          settings, Place(host: host, address: address), Waiter(milliseconds: share, interrupt: interrupt))
        return
      } catch {
        last = error
        // Another address of the same server would say the same.
        if error.kind == .permission { break }
      }
    }
    throw last
  }

  private func attempt(_ settings: PostgresSettings, _ place: Place, _ waiter: Waiter) throws(PostgresError) {
    let name = "\(place.host.name):\(place.host.port)"
    let parameters = settings.parameters(place.host, address: place.address)
    guard let made = unsafe Self.start(parameters) else { throw PostgresError(.connection, "no memory") }
    unsafe take(made)
    // Without it, libpq gives no SQLSTATE of a refused connection.
    unsafe PQsetErrorVerbosity(made, PQERRORS_VERBOSE)
    unsafe receiveNotices(made)
    var next = PGRES_POLLING_WRITING
    if unsafe PQstatus(made) == CONNECTION_BAD { next = PGRES_POLLING_FAILED }
    while next != PGRES_POLLING_OK {
      guard next != PGRES_POLLING_FAILED else {
        let error = refusal(name)
        close()
        throw error
      }
      // The socket may be another one after each step.
      let outcome = unsafe waiter.wait(
        PQsocket(made), forReading: next == PGRES_POLLING_READING, forWriting: next == PGRES_POLLING_WRITING)
      switch outcome {
      case .ready: next = unsafe PQconnectPoll(made)
      case .timeout: throw lost("\(name): no answer in time", isOutcomeUnknown: false)
      case .interrupted: throw lost("interrupted", isOutcomeUnknown: false)
      }
    }
    unsafe PQsetErrorVerbosity(made, PQERRORS_DEFAULT)
    unsafe PQsetnonblocking(made, 1)
    server = name
  }

  private static func start(_ parameters: [(String, String)]) -> OpaquePointer? {
    // With a NULL at the end of each list.
    var names = unsafe parameters.map { unsafe UnsafePointer<CChar>(strdup($0.0)) } + [nil]
    var values = unsafe parameters.map { unsafe UnsafePointer<CChar>(strdup($0.1)) } + [nil]
    let handle = unsafe PQconnectStartParams(&names, &values, 0)
    for index in 0..<parameters.count {
      unsafe forget(names[index])
      unsafe forget(values[index])
    }
    return unsafe handle
  }

  /// The password is among them.
  private static func forget(_ text: UnsafePointer<CChar>?) {
    guard let text = unsafe UnsafeMutablePointer(mutating: text) else { return }
    unsafe explicit_bzero(text, strlen(text))
    unsafe free(text)
  }

  private func receiveNotices(_ handle: OpaquePointer) {
    let log = unsafe Unmanaged.passUnretained(self.log).toOpaque()
    unsafe _ = PQsetNoticeReceiver(
      handle,
      { log, result in
        guard let log = unsafe log, let result = unsafe result else { return }
        let notice = unsafe PostgresNotice(
          severity: PostgresConnection.field(result, andon_pg_severity()),
          sqlState: PostgresConnection.field(result, andon_pg_sqlstate()),
          message: PostgresConnection.field(result, andon_pg_primary()))
        unsafe Unmanaged<NoticeLog>.fromOpaque(log).takeUnretainedValue().add(notice)
      }, log)
  }

  /// A field of a message of the server, as one line; empty without one.
  static func field(_ result: OpaquePointer, _ code: Int32) -> String {
    unsafe line(PQresultErrorField(result, code))
  }

  /// Why the server or the network refused, from libpq's message: it has no other form for this.
  private func refusal(_ name: String) -> PostgresError {
    let message = ownMessage
    let needsPassword = unsafe PQconnectionNeedsPassword(handle) != 0
    // `…failed: FATAL: 28P01: password authentication failed for user "x" LOCATION: …`
    let parts = message.split(separator: ": ")
    let index = parts.firstIndex { part in
      part.utf8.count == 5 && part.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 }
        && part != "FATAL" && part != "ERROR" && part != "PANIC"
    }
    guard let index else {
      return PostgresError(needsPassword ? .permission : .connection, "\(name): \(message)")
    }
    let state = String(parts[index])
    let words = parts[parts.index(after: index)...].joined(separator: ": ").split(separator: " LOCATION:")
    let kind = PostgresError.kind(ofSQLState: state)
    return PostgresError(kind, "\(name): \(words.first ?? "")", sqlState: state)
  }
}
