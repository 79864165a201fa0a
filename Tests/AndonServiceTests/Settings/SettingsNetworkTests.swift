import TestSupport
import Testing

@testable import AndonConfiguration

@Suite(.ownThread) struct SettingsNetworkTests {
  private func broker(_ text: String) throws -> BrokerSettings {
    try SettingsSample.load("broker: {\(text)}\n" + SettingsSample.site).broker
  }

  private func complaint(_ section: String) -> String {
    SettingsSample.complaint(section + "\n" + SettingsSample.site)
  }

  @Test(arguments: [
    ("mqtt://broker", "broker", 1883), ("mqtt://broker:1884/", "broker", 1884),
    ("mqtts://broker.example", "broker.example", 8883), ("mqtt://[::1]:5", "::1", 5),
    ("mqtt+unix:///run/mosquitto.sock", "/run/mosquitto.sock", 0),
  ])
  func brokerAddresses(_ url: String, _ host: String, _ port: Int) throws {
    let broker = try broker("url: '\(url)'")
    #expect(broker.host == host && broker.port == port)
    #expect((broker.tls != nil) == url.hasPrefix("mqtts"))
    #expect(broker.unixSocketPath == (port == 0 ? host : nil))
  }

  private static let expected = "must be mqtt://host:port, mqtts://host:port or mqtt+unix:///path"

  @Test(arguments: [
    ("http://x", "\(expected), not \"http://x\""), ("broker:1883", "\(expected), not \"broker:1883\""),
    ("mqtt://", "\(expected), not \"mqtt://\""), ("mqtt://h:abc", "\(expected), not \"mqtt://h:abc\""),
    ("mqtt://h/topic", "\(expected), not \"mqtt://h/topic\""),
    ("mqtt://h?a=b", "\(expected), not \"mqtt://h?a=b\""),
    ("mqtt+unix://host/x", "\(expected), not \"mqtt+unix://host/x\""),
    ("mqtt://h:0", "must have a port in 1…65535, not 0"),
    ("mqtt://h:65536", "must have a port in 1…65535, not 65536"),
  ])
  func wrongBrokerAddresses(_ url: String, _ message: String) {
    #expect(complaint("broker: {url: '\(url)'}") == "a.yaml:1: broker.url: \(message)")
  }

  @Test(arguments: ["mqtt://u:secret@h", "mqtt://u@h", "mqtt://u:sec#ret@h", "http://u:secret@h:x"])
  func aPasswordInTheAddressIsRefusedAndNotRepeated(_ url: String) {
    let message = complaint("broker: {url: '\(url)'}")
    #expect(
      message
        == "a.yaml:1: broker.url: must not hold a user or password: "
        + "use broker.username and broker.password_file"
    )
  }

  @Test func aPasswordInTheFileIsRefusedAndNotRepeated() {
    #expect(
      complaint("broker: {password: hunter2}")
        == "a.yaml:1: broker.password: a password must not stand here: use broker.password_file")
  }

  @Test(arguments: [
    ("{tls: {ca_file: a}}", "broker.tls: needs broker.url to begin with mqtts://"),
    ("{url: 'mqtts://h', tls: {cert_file: a}}", "broker.tls: cert_file and key_file belong together"),
    ("{url: 'mqtts://h', tls: {key_file: a}}", "broker.tls: cert_file and key_file belong together"),
  ])
  func tlsThatCannotWork(_ text: String, _ message: String) {
    #expect(complaint("broker: \(text)") == "a.yaml:1: \(message)")
  }

  @Test func tlsIsRead() throws {
    let tls = try broker("url: 'mqtts://h', tls: {ca_file: a, cert_file: b, key_file: c}").tls
    #expect(tls?.caFile == "a" && tls?.certFile == "b" && tls?.keyFile == "c")
  }

  private static let listen = "must be host:port, e.g. 127.0.0.1:8080 or [::1]:8080, or off; not"

  @Test(arguments: [
    ("8080", "\(listen) \"8080\""), (":8080", "\(listen) \":8080\""), ("h:", "\(listen) \"h:\""),
    ("h:+80", "\(listen) \"h:+80\""), ("::1:80", "\(listen) \"::1:80\""),
    ("[::1:80", "\(listen) \"[::1:80\""),
    ("http://h:80", "\(listen) \"http://h:80\""),
    ("127.0.0.1:65536", "must be host:port with a port in 0…65535, not 65536"),
    ("0.0.0.0:80", "0.0.0.0 can be reached from other machines: set http.token_file or http.users_file, too"),
    ("[::]:80", ":: can be reached from other machines: set http.token_file or http.users_file, too"),
    (
      "127.example.com:80",
      "127.example.com can be reached from other machines: set http.token_file or http.users_file, too"
    ),
    (
      "127.0.0.256:80",
      "127.0.0.256 can be reached from other machines: set http.token_file or http.users_file, too"
    ),
  ])
  func wrongListeners(_ text: String, _ message: String) {
    #expect(complaint("http: {listen: '\(text)'}") == "a.yaml:1: http.listen: \(message)")
  }

  @Test(arguments: [
    ("127.0.0.1:0", "127.0.0.1", 0, true), ("127.8.9.10:1", "127.8.9.10", 1, true),
    ("localhost:80", "localhost", 80, true), ("'[::1]:8080'", "::1", 8080, true),
    ("off", "127.0.0.1", 0, false),
    ("false", "127.0.0.1", 0, false),
  ])
  func listeners(_ text: String, _ host: String, _ port: Int, _ isEnabled: Bool) throws {
    let http = try SettingsSample.load("http: {listen: \(text)}\n" + SettingsSample.site).http
    #expect(http.host == host && http.port == port && http.isEnabled == isEnabled && http.isLoopback)
  }

  @Test func aListenerForOthersWithAToken() throws {
    let yaml = "http: {listen: '0.0.0.0:80', token_file: t}\n" + SettingsSample.site
    let http = try SettingsSample.load(yaml).http
    #expect(http.isEnabled && !http.isLoopback && http.tokenFile == "t")
  }
}
