import Foundation
import Postgres
import TestSupport
import Testing

/// Which server a connection is made to, and how.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct PostgresConnectTests {
  private func failure(_ url: String, password: String? = nil, timeoutMs: Int64 = 10_000) -> PostgresError? {
    PostgresSuite.failure { () throws(PostgresError) in
      let settings = try PostgresSettings(url: url, password: password.map(PostgresPassword.init))
      _ = try PostgresConnection(settings, timeoutMs: timeoutMs)
    }
  }

  @Test func aWrongPasswordIsRefused() throws {
    let server = try PostgresServer.shared.get()
    try server.run("CREATE ROLE guarded LOGIN PASSWORD 'right one'")
    let url = server.url(user: "guarded")
    let settings = try PostgresSettings(url: url, password: PostgresPassword("right one"))
    #expect(try PostgresConnection(settings).execute("SELECT current_user AS a").value(0, "a") == "guarded")
    let wrong = failure(url, password: "wrong-secret")
    #expect(wrong?.kind == .permission)
    #expect(wrong?.sqlState == "28P01")
    #expect(wrong?.message == "127.0.0.1:\(server.port): password authentication failed for user \"guarded\"")
    let none = failure(url)
    #expect(none?.kind == .permission)
    #expect(none?.message.contains("no password supplied") == true)
  }

  @Test func anUnknownDatabaseIsSaidSo() throws {
    let server = try PostgresServer.shared.get()
    let error = failure(server.url("nowhere"))
    #expect(error?.kind == .permission)
    #expect(error?.sqlState == "3D000")
    #expect(error?.message == "127.0.0.1:\(server.port): database \"nowhere\" does not exist")
  }

  @Test func whereNothingListensTheNextServerIsTaken() throws {
    let server = try PostgresServer.shared.get()
    let dead = try Broker.freePort()
    let error = failure("postgresql://postgres@127.0.0.1:\(dead)/postgres")
    #expect(error?.kind == .connection)
    #expect(error?.message.contains("Connection refused") == true)
    let settings = try PostgresSettings(
      url:
        "postgresql://postgres@127.0.0.1:\(dead),localhost:\(server.port)/postgres?target_session_attrs=read-write"
    )
    #expect(settings.place == "127.0.0.1:\(dead),localhost:\(server.port)/postgres")
    let connection = try PostgresConnection(settings)
    #expect(connection.server == "localhost:\(server.port)")
    #expect(connection.serverVersion >= 150_000)
    let unknown = failure("postgresql://postgres@no-such-host.invalid/postgres?sslmode=disable")
    #expect(unknown?.kind == .connection)
    #expect(unknown?.message == "no-such-host.invalid: no such host")
  }

  /// libpq alone would wait for the silent one until the deadline.
  @Test func aServerThatDoesNotAnswerDoesNotHideTheNextOne() throws {
    let server = try PostgresServer.shared.get()
    let silent = try SilentListener()
    let settings = try PostgresSettings(
      url: "postgresql://postgres@127.0.0.1:\(silent.port),127.0.0.1:\(server.port)/postgres")
    let connection = try PostgresConnection(settings, timeoutMs: 2000)
    #expect(connection.server == "127.0.0.1:\(server.port)")
    let error = failure("postgresql://postgres@127.0.0.1:\(silent.port)/postgres", timeoutMs: 100)
    #expect(error?.message == "127.0.0.1:\(silent.port): no answer in time")
    #expect(error?.isOutcomeUnknown == false)
  }

  @Test func aServerThatOnlyReadsIsPassedOver() throws {
    let server = try PostgresServer.shared.get()
    let database = try server.makeDatabase()
    try server.run("ALTER DATABASE \(database) SET default_transaction_read_only = on")
    let error = failure(server.url(database, options: "target_session_attrs=read-write"))
    #expect(error?.message.contains("session is read-only") == true)
    #expect(error?.kind == .connection)
    let settings = try PostgresSettings(url: server.url(database))
    let refused = PostgresSuite.failure { () throws(PostgresError) in
      try PostgresConnection(settings).execute("CREATE TABLE t (a int)")
    }
    #expect(refused?.kind == .again)
  }

  @Test func aUnixSocketIsAPlace() throws {
    let server = try PostgresServer.shared.get()
    let folder = server.folder.path.replacing("/", with: "%2F")
    let settings = try PostgresSettings(url: "postgresql://postgres@\(folder):\(server.port)/postgres")
    #expect(try PostgresConnection(settings).execute("SELECT 1 AS a").value(0, "a") == Int32(1))
  }

  @Test func certificatesAreVerified() throws {
    let certificates = try Certificates()
    let server = try PostgresServer(
      certificate: (certificates.certificate("server"), certificates.key("server")))
    func url(_ host: String, _ options: String) -> String {
      "postgresql://postgres@\(host):\(server.port)/postgres?\(options)"
    }
    let right = "sslmode=verify-full&sslrootcert=\(certificates.authority)"
    let connection = try PostgresConnection(try PostgresSettings(url: url("localhost", right)))
    #expect(connection.isEncrypted)
    // The server is reached by a name that is not in its certificate.
    let name = failure(
      "postgresql://postgres@elsewhere.example:\(server.port)/postgres?hostaddr=127.0.0.1&\(right)")
    #expect(name?.kind == .connection)
    #expect(name?.message.contains("does not match host name \"elsewhere.example\"") == true)
    let stranger = failure(
      url("localhost", "sslmode=verify-full&sslrootcert=\(certificates.strangerAuthority)"))
    #expect(stranger?.message.contains("certificate verify failed") == true)
    // On another machine that is the rule: without a word the system's authorities must have signed it.
    let usual = failure(
      "postgresql://postgres@elsewhere.example:\(server.port)/postgres?hostaddr=127.0.0.1,127.0.0.1")
    #expect(usual?.kind == .usage)
    #expect(
      try PostgresConnection(try PostgresSettings(url: url("localhost", "sslmode=disable"))).isEncrypted
        == false)
  }

  @Test func whereTheServerHasNoEncryptionVerifyFullConnectsNot() throws {
    let server = try PostgresServer.shared.get()
    let certificates = try Certificates()
    let error = failure(server.url(options: "sslmode=verify-full&sslrootcert=\(certificates.authority)"))
    #expect(error?.kind == .connection)
    #expect(error?.message.contains("server does not support SSL") == true)
  }
}
