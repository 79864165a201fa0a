import Foundation
import TestSupport
import Testing

@testable import Postgres

/// What a URL says, and that nothing else says it.
@Suite(.timeLimit(.minutes(5)))
struct PostgresSettingsTests {
  private func words(_ url: String) -> String? {
    PostgresSuite.failure { () throws(PostgresError) in _ = try PostgresSettings(url: url) }?.message
  }

  @Test func userHostAndDatabaseMustBeNamed() {
    for url in [
      "postgresql://", "postgresql:///andon", "postgresql://a@/b", "postgresql://h/d", "postgresql://u@h",
      "host=h",
    ] {
      #expect(words(url)?.contains("must name user, host and database") == true, "\(url)")
    }
    #expect(words("mqtt://x")?.hasPrefix("it is no valid connection URL") == true)
    #expect(words("postgresql://u@h1,h2:1,h3/d?port=1,2") != nil)
    #expect(words("postgresql://u@h/d?nonsense=1") != nil)
    #expect(words("postgresql://u@h/d?target_session_attrs=prefer-standby") != nil)
  }

  @Test func aPasswordInTheURLIsRefusedAndNotRepeated() {
    for url in [
      "postgresql://u:hunter2@h/d", "host=h user=u dbname=d password=hunter2",
      "postgresql://u@h/d?passfile=hunter2",
      "postgresql://u@h/d?service=hunter2", "postgresql://u@h/d?sslpassword=hunter2",
      "postgresql://u:hunter2@h/d?%",
      "host=h hunter2",
    ] {
      let message = words(url)
      #expect(message != nil, "\(url)")
      #expect(message?.contains("hunter2") == false)
    }
  }

  @Test func aPasswordIsNeverPrinted() throws {
    let settings = try PostgresSettings(url: "postgresql://u@h/d", password: PostgresPassword("hunter2"))
    #expect(!"\(settings)".contains("hunter2"))
    #expect(!String(reflecting: settings).contains("hunter2"))
    var text = ""
    dump(settings, to: &text)
    #expect(!text.contains("hunter2"))
  }

  @Test func encryptionIsTheRuleForOtherMachines() throws {
    #expect(try PostgresSettings(url: "postgresql://u@pg1,pg2/d").options["sslmode"] == "verify-full")
    #expect(try PostgresSettings(url: "postgresql://u@pg1,127.0.0.1/d").options["sslmode"] == "verify-full")
    #expect(
      try PostgresSettings(url: "postgresql://u@pg1/d").options["sslrootcert"]
        == PostgresSettings.systemAuthorities)
    for host in ["localhost", "127.0.0.1", "[::1]", "%2Frun"] {
      let settings = try PostgresSettings(url: "postgresql://u@\(host)/d")
      #expect(settings.options["sslmode"] == "prefer", "\(host)")
      #expect(settings.options["sslrootcert"] == PostgresSettings.noFile)
    }
    let own = try PostgresSettings(
      url: "postgresql://u@pg1/d?sslmode=require&sslrootcert=/a.pem&keepalives=0")
    #expect(own.options["sslmode"] == "require")
    #expect(own.options["sslrootcert"] == "/a.pem")
    #expect(own.options["keepalives"] == "0")
  }

  @Test func hostsAndPorts() throws {
    let settings = try PostgresSettings(url: "postgresql://u@pg1,pg2:5433,[::1]:1/d?hostaddr=10.0.0.1,,")
    #expect(settings.hosts.map(\.name) == ["pg1", "pg2", "::1"])
    #expect(settings.hosts.map(\.port) == ["5432", "5433", "1"])
    #expect(settings.hosts.map(\.address) == ["10.0.0.1", nil, nil])
    #expect(try PostgresSettings(url: "host=a,b port=7 user=u dbname=d").hosts.map(\.port) == ["7", "7"])
  }

  @Test func theVariablesOfTheLibraryAreKnown() {
    for name in [
      "PGHOST", "PGHOSTADDR", "PGPASSWORD", "PGSERVICE", "PGPASSFILE", "PGSSLMODE", "PGOPTIONS", "PGUSER",
    ] {
      #expect(PostgresEnvironment.names.contains(name), "\(name)")
    }
  }

  /// In a process of its own: changing the environment of a process with threads is not allowed.
  @Test func theVariablesOfTheLibraryChangeNothing() async {
    await #expect(processExitsWith: .success) {
      setenv("PGSERVICE", "elsewhere", 1)
      setenv("PGPASSWORD", "hunter2", 1)
      let settings = try PostgresSettings(url: "postgresql://u@127.0.0.1:1/d")
      do throws(PostgresError) {
        _ = try PostgresConnection(settings)
        exit(1)
      } catch {
        guard error.kind == .usage, error.message.contains("PGSERVICE") else { exit(2) }
      }
      PostgresEnvironment.forget()
      guard PostgresEnvironment.firstThatIsSet == nil else { exit(3) }
      do throws(PostgresError) {
        _ = try PostgresConnection(settings)
        exit(4)
      } catch {
        guard error.kind == .connection, error.message.contains("refused") else { exit(5) }
      }
    }
  }

  /// libpq would take passwords and certificates from the home folder.
  @Test func theHomeFolderChangesNothing() async throws {
    let server = try PostgresServer.shared.get()
    try server.run("CREATE ROLE homely LOGIN PASSWORD 'of the home folder'")
    let folder = try TemporaryFolder.make("home")
    let file = folder.appending(path: ".pgpass").path
    try "*:*:*:*:of the home folder\n".write(toFile: file, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    let (url, home): (String, String) = (server.url(user: "homely"), folder.path)
    await #expect(processExitsWith: .success) { [url = url as String, home = home as String] in
      setenv("HOME", home, 1)
      do throws(PostgresError) {
        _ = try PostgresConnection(try PostgresSettings(url: url))
        exit(1)
      } catch {
        guard error.kind == .permission, error.message.contains("no password supplied") else { exit(2) }
      }
    }
  }
}
