import CMosquitto
import Glibc

/// A failed call into libmosquitto: the operation, the code and the library's message. It never contains a
/// password.
public struct MosquittoError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The operation, e.g. `connect to 10.0.0.5:8883`.
  public let operation: String
  /// One of libmosquitto's `MOSQ_ERR_…`.
  public let code: Int32
  /// The library's text for the code, or the system's text for a system error.
  public let message: String
  /// What OpenSSL, the resolver or the library's log adds.
  public let detail: String?

  public init(operation: String, code: Int32, message: String, detail: String? = nil) {
    self.operation = operation
    self.code = code
    self.message = message
    self.detail = detail
  }

  /// With the library's text for the code; `errno` is added for system errors.
  init(operation: String, code: mosq_err_t, errno error: Int32 = 0, log: [String] = []) {
    self.init(operation: operation, code: Int32(code.rawValue), errno: error, log: log)
  }

  init(operation: String, code: Int32, errno error: Int32, log: [String]) {
    // The library leaves getaddrinfo's result, which is negative, in errno.
    let resolver =
      unsafe code == Int32(MOSQ_ERR_EAI.rawValue) && error < 0 ? [String(cString: gai_strerror(error))] : []
    let details = resolver + log
    self.init(
      operation: operation, code: code, message: Self.words(code, errno: error),
      detail: details.isEmpty ? nil : details.joined(separator: "; "))
  }

  static func words(_ code: Int32, errno error: Int32) -> String {
    // Version 2.0 has no text for it.
    if code == Int32(MOSQ_ERR_KEEPALIVE.rawValue) { return "the keep-alive ran out, the broker is silent" }
    guard code == Int32(MOSQ_ERR_ERRNO.rawValue) else {
      return unsafe String(cString: mosquitto_strerror(code))
    }
    switch error {
    // The library's code for a failure of OpenSSL; the reason is in the log.
    case EPROTO: return unsafe String(cString: mosquitto_strerror(Int32(MOSQ_ERR_TLS.rawValue)))
    case 0: return "the other side closed the connection"
    default: return unsafe String(cString: strerror(error))
    }
  }

  /// The code for a topic or property with a control character, or with invalid UTF-8.
  public static let malformedText = Int32(MOSQ_ERR_MALFORMED_UTF8.rawValue)

  /// The code for a connection that the other side closed.
  public static let connectionLost = Int32(MOSQ_ERR_CONN_LOST.rawValue)

  /// Whether the other side closed the connection.
  public var isConnectionLost: Bool { code == Self.connectionLost }

  /// Whether this side gave up waiting because `onWake` returned false.
  public var isInterruption: Bool { code == ECANCELED }

  /// If `Connection.publish` refused a publication because of its content, not for lack of a connection: the
  /// MQTT 5 reason code that fits best. The connection and other publications are not affected.
  public var publicationRefusal: UInt8? {
    switch code {
    case Int32(MOSQ_ERR_OVERSIZE_PACKET.rawValue), Int32(MOSQ_ERR_PAYLOAD_SIZE.rawValue): 0x95
    case Int32(MOSQ_ERR_QOS_NOT_SUPPORTED.rawValue): 0x9B
    case Int32(MOSQ_ERR_MALFORMED_UTF8.rawValue): 0x90
    case Int32(MOSQ_ERR_INVAL.rawValue), Int32(MOSQ_ERR_MALFORMED_PACKET.rawValue),
      Int32(MOSQ_ERR_DUPLICATE_PROPERTY.rawValue), Int32(MOSQ_ERR_NOT_SUPPORTED.rawValue):
      0x81
    default: nil
    }
  }

  public var description: String {
    "cannot \(operation): \(message)" + (detail.map { " (\($0))" } ?? "")
  }
}
