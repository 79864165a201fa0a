import Foundation
import TestSupport
import Testing

@testable import AndonCheck
@testable import AndonConfiguration

/// Row 98 of docs/reliability.md: without a broker, the check examines the configuration and the files it
/// names.
@Suite(.ownThread) struct OfflineCheckTests {
  private func folder(_ body: (URL) throws -> Void) throws {
    let folder = try TemporaryFolder.make("check")
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  private func settings(_ folder: URL, _ yaml: String) throws -> Settings {
    try SettingsLoader.parse(
      yaml: "bridge: {data_dir: \(folder.path)}\n\(yaml)\nsites: [{id: plant-a, timezone: UTC}]",
      file: "a.yaml",
      environment: [:])
  }

  @Test(
    arguments: [
      ("geheim\n", 0o400, Finding.Level.ok, "can be read"), ("geheim", 0o440, .ok, "can be read"),
      ("", 0o400, .error, "is empty"), ("\n", 0o400, .error, "is empty"),
      ("geheim \n", 0o400, .warning, "has blanks or several lines"),
      ("geheim\n\n", 0o400, .warning, "has blanks or several lines"),
      ("geheim\n", 0o644, .warning, "every user of this machine can read the secret (mode 644)"),
      ("\u{FFFD}\n", 0o400, .ok, "can be read"), (nil, 0, .error, "there is no such file"),
    ] as [(String?, Int, Finding.Level, String)])
  func fault98_aPasswordFileIsLookedAt(text: String?, mode: Int, level: Finding.Level, words: String) throws {
    try folder { folder in
      let file = folder.appending(path: "secret").path
      if let text {
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
      }
      for (yaml, key) in [
        ("broker: {password_file: '\(file)'}", "broker.password_file"),
        ("http: {token_file: '\(file)'}", "http.token_file"),
      ] {
        let findings = SecretCheck(try settings(folder, yaml), environment: [:]).run()
        #expect(findings.map(\.level) == [level], "\(findings)")
        let finding = try #require(findings.first)
        #expect(
          finding.text.contains(key) && finding.text.contains(file) && finding.text.contains(words),
          "\(finding)")
        #expect(finding.advice.isEmpty == (level == .ok) && !"\(finding)".contains("geheim"), "\(finding)")
      }
      // An environment variable overrides the file, so the state of the file does not matter.
      let settings = try settings(folder, "broker: {password_file: '\(file)'}")
      let findings = SecretCheck(settings, environment: ["ANDON_BROKER_PASSWORD": "geheim"]).run()
      #expect(findings.map(\.level) == [.ok] && !"\(findings)".contains("geheim"))
    }
  }

  @Test func fault98_whoeverCannotReadTheSecretIsToldSo() throws {
    try folder { folder in
      let file = folder.appending(path: "secret").path
      try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
      let broker = try settings(folder, "broker: {password_file: '\(file)'}")
      #expect(SecretCheck(broker, environment: [:]).run().first?.text.contains("this is a folder") == true)
      try FileManager.default.removeItem(atPath: file)
      try "geheim".write(toFile: file, atomically: false, encoding: .utf8)
      guard geteuid() == 0 else { return }
      // The check runs as root, the service does not: that root can read the file proves nothing.
      chown(folder.path, 12_345, 12_345)
      chmod(file, 0o600)
      let finding = try #require(SecretCheck(broker, environment: [:]).run().first)
      #expect(
        finding.level == .warning && finding.text.contains("user 12345, who owns bridge.data_dir"),
        "\(finding)")
      chown(file, 0, 12_345)
      chmod(file, 0o640)
      #expect(SecretCheck(broker, environment: [:]).run().map(\.level) == [.ok])
    }
  }

  @Test func fault98_certificatesAndKeysAreLookedAt() throws {
    try folder { folder in
      let (pem, key) = (folder.appending(path: "ca.crt").path, folder.appending(path: "key.pem").path)
      try "-----BEGIN CERTIFICATE-----\n".write(toFile: pem, atomically: false, encoding: .utf8)
      try "not a key".write(toFile: key, atomically: false, encoding: .utf8)
      let yaml =
        "broker: {url: 'mqtts://h', tls: {ca_file: '\(pem)', cert_file: '\(pem)', key_file: '\(key)'}}"
      var findings = SecretCheck(try settings(folder, yaml), environment: [:]).run()
      #expect(findings.map(\.level) == [.ok, .ok, .error] && findings[2].text.contains("no PEM file"))
      try "-----BEGIN PRIVATE KEY-----\n".write(toFile: key, atomically: false, encoding: .utf8)
      chmod(key, 0o644)
      findings = SecretCheck(try settings(folder, yaml), environment: [:]).run()
      #expect(findings[2].level == .warning && findings[2].text.contains("can read the key (mode 644)"))
    }
  }

  @Test(
    arguments: [
      ("ANDON_BROKER_ULR", Finding.Level.error, "did you mean ANDON_BROKER_URL?"),
      ("ANDON_BROKER_PASWORD", .error, "did you mean ANDON_BROKER_PASSWORD?"),
      ("ANDON_KPI_WINDOW", .error, "did you mean ANDON_KPI_WINDOWS?"),
      (
        "ANDON_TOPICS_NAME", .error, "the variables of topics are ANDON_TOPICS_ROOT, ANDON_TOPICS_SCALAR_TAGS"
      ),
      ("ANDON_ANYTHING_ELSE", .warning, "unset it"),
    ] as [(String, Finding.Level, String)])
  func fault98_aVariableThatIsNoSettingIsNamed(name: String, level: Finding.Level, advice: String) throws {
    let findings = EnvironmentCheck([name: "geheim", "PATH": "/bin", "ANDON_BROKER_URL": "mqtt://h"]).run()
    #expect(findings.map(\.level) == [level])
    let finding = try #require(findings.first)
    #expect(finding.text.contains(name) && finding.advice.contains(advice), "\(finding)")
    #expect(!"\(finding)".contains("geheim"), "a value may be a secret")
  }

  @Test func fault98_whatKubernetesSetsIsNoMistake() {
    let variables = [
      "ANDON_SERVICE_HOST": "10.0.0.1", "ANDON_SERVICE_PORT": "8080", "ANDON_SERVICE_PORT_HTTP": "8080",
      "ANDON_PORT": "tcp://10.0.0.1:8080", "ANDON_PORT_8080_TCP": "tcp://10.0.0.1:8080",
      "ANDON_PORT_8080_TCP_PROTO": "tcp", "ANDON_PORT_8080_TCP_PORT": "8080",
      "ANDON_PORT_8080_TCP_ADDR": "10.0.0.1",
      "ANDON_BROKER_ULR": "",
    ]
    #expect(EnvironmentCheck(variables).run().isEmpty)
    #expect(EnvironmentCheck(["ANDON_HTTP_PORT": "8080"]).run().map(\.level) == [.error])
  }

  @Test func fault98_theCommandShowsAllOfItAndFails() throws {
    try folder { folder in
      let file = folder.appending(path: "andon.yaml").path
      try """
      bridge: {data_dir: \(folder.path)/data}
      broker: {password_file: \(folder.path)/none}
      sites: [{id: plant-a, timezone: UTC}]
      """.write(toFile: file, atomically: true, encoding: .utf8)
      let result = try Command.outputs(
        AndonProcess.executable, ["check", "--config", file, "--offline"],
        environment: ["ANDON_HTTP_LISTE": "x"])
      #expect(result.exitCode == 1 && result.errors == "Error: 2 errors\n")
      #expect(result.output.contains("did you mean ANDON_HTTP_LISTEN?"), "\(result.output)")
      #expect(result.output.contains("\(folder.path)/none: broker.password_file: there is no such file"))
      // With a broker, a missing secret does not hide the other findings.
      let online = try Command.outputs(AndonProcess.executable, ["check", "--config", file])
      #expect(online.exitCode == 1 && online.output.contains("there is no such file"), "\(online.output)")
      #expect(online.output.contains("ok       config"), "\(online.output)")
    }
  }
}
