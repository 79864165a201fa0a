import Foundation
import Mosquitto
import TestSupport
import Testing

extension Broker {
  func settings(clientID: String = "tls", trusting certificates: Certificates) -> ConnectionSettings {
    var settings = settings(clientID: clientID)
    settings.tls = TLSSettings(caFile: certificates.authority)
    return settings
  }
}

/// Row 11 of docs/reliability.md: refuse, never fall back, and name the reason.
@Suite(.ownThread) struct TLSTests {
  let certificates: Certificates

  init() throws { certificates = try Certificates() }

  /// Everything that an operator can read, from errors and events.
  private func refusal(_ settings: ConnectionSettings) throws -> String {
    let driver = try Driver(settings)
    do {
      try driver.connection.connect()
      try driver.step(within: .seconds(5)) { $0.end != nil }
    } catch let error as MosquittoError {
      return "\(error)"
    }
    #expect(!driver.connection.isConnected)
    return try #require(driver.end).text
  }

  @Test(arguments: ["tlsv1.2", "tlsv1.3"])
  func `a good certificate connects`(version: String) throws {
    let broker = try Broker(.init(lines: certificates.brokerLines() + ["tls_version \(version)"]))
    let driver = try Driver(broker.settings(trusting: certificates))
    try driver.connect()
    #expect(try driver.publish("x", to: "a") == [0x10])
  }

  /// The library read the error of a TLS socket before us: the refusal was taken for a connection, and the
  /// handshake waited for ever. `onWake` gives up here what would not end by itself.
  @Test func `a TLS broker that was down at the first connect is found again`() throws {
    let broker = try Broker(.init(lines: certificates.brokerLines()))
    broker.stop()
    let driver = try Driver(broker.settings(trusting: certificates))
    for _ in 1...2 {
      let start = ContinuousClock.now
      let error = try #require(throws: MosquittoError.self) {
        try driver.connection.connect { ContinuousClock.now - start < .seconds(15) }
      }
      #expect("\(error)".contains("connect to 127.0.0.1:\(broker.port): Connection refused"), "\(error)")
      #expect(ContinuousClock.now - start < .seconds(5), "a refusal is known at once")
    }
    try broker.start()
    try driver.connect()
    #expect(try driver.publish("x", to: "a") == [0x10])
  }

  @Test func fault11_aPlainConnectionToATLSPortAndTheReverseAreRefused() throws {
    let secured = try Broker(.init(lines: certificates.brokerLines()))
    let plain = try Broker()
    #expect(try !refusal(secured.settings()).isEmpty)
    let words = try refusal(plain.settings(trusting: certificates))
    #expect(words.contains("127.0.0.1:\(plain.port)"), "\(words)")
  }

  @Test func fault11_aCertificateOfAnotherAuthorityIsRefusedInOpenSSLsWords() throws {
    let broker = try Broker(.init(lines: certificates.brokerLines()))
    var settings = broker.settings()
    settings.tls = TLSSettings(caFile: certificates.strangerAuthority)
    let words = try refusal(settings)
    #expect(words.contains("certificate verify failed"), "\(words)")
    #expect(
      words.contains("the broker's certificate: self-signed certificate in certificate chain"), "\(words)")
  }

  @Test func `the system's authorities are used when none is named`() throws {
    let broker = try Broker(.init(lines: certificates.brokerLines()))
    var settings = broker.settings()
    settings.tls = TLSSettings()
    #expect(try refusal(settings).contains("certificate verify failed"))
  }

  @Test func fault11_anExpiredCertificateIsRefusedAndItsDatesAreSaid() throws {
    let broker = try Broker(.init(lines: certificates.brokerLines("expired")))
    let words = try refusal(broker.settings(trusting: certificates))
    #expect(words.contains("certificate has expired") && words.contains("valid from 20"), "\(words)")
  }

  @Test func fault11_aCertificateThatIsNotYetValidIsRefusedAndItsDatesAreSaid() throws {
    let broker = try Broker(.init(lines: certificates.brokerLines("future")))
    let words = try refusal(broker.settings(trusting: certificates))
    #expect(words.contains("not yet valid") && words.contains("valid from 2040-01-01 00:00Z"), "\(words)")
  }

  @Test func theCertificatesDatesAreKnownWhileConnected() throws {
    let broker = try Broker(.init(lines: certificates.brokerLines()))
    let driver = try Driver(broker.settings(trusting: certificates))
    try driver.connect()
    let validity = try #require(driver.connection.certificateValidity)
    // openssl reads its clock once for each date.
    #expect((2 * 86_400...2 * 86_400 + 60).contains(validity.toSeconds - validity.fromSeconds))
    let plain = try Driver(Broker().settings())
    #expect(plain.connection.certificateValidity == nil)
  }

  @Test func fault11_aCertificateForAnotherHostIsRefused() throws {
    let broker = try Broker(.init(lines: certificates.brokerLines("elsewhere")))
    let words = try refusal(broker.settings(trusting: certificates))
    #expect(words.contains("host name verification failed"), "\(words)")
  }

  @Test func `a client certificate is sent, and missed where the broker wants one`() throws {
    let broker = try Broker(.init(lines: certificates.brokerLines() + ["require_certificate true"]))
    var settings = broker.settings(trusting: certificates)
    // In TLS 1.3 the closed socket may overtake the alert; that there is no connection is certain.
    #expect(try !refusal(settings).isEmpty)
    settings.tls?.certFile = certificates.certificate("client")
    settings.tls?.keyFile = certificates.key("client")
    try Driver(settings).connect()
  }

  @Test func `a file that is missing or none of a kind is named`() throws {
    var settings = ConnectionSettings(host: "127.0.0.1", port: 8883, clientID: "a")
    settings.tls = TLSSettings(caFile: "/nowhere/ca.crt")
    let error = #expect(throws: MosquittoError.self) { try Connection(settings) }
    #expect("\(try #require(error))" == "cannot read the TLS file /nowhere/ca.crt: No such file or directory")

    let broker = try Broker(.init(lines: certificates.brokerLines()))
    settings = broker.settings()
    settings.tls = TLSSettings(caFile: certificates.key("client"))
    #expect(try refusal(settings).contains(certificates.key("client")))

    settings.tls = TLSSettings(caFile: certificates.authority, certFile: certificates.certificate("client"))
    #expect(throws: MosquittoError.self) { try Connection(settings) }
  }
}
