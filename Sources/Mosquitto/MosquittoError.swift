import CMosquitto
import Glibc

/// A call into libmosquitto that failed: what was being done, the code, and the library's own words.
public struct MosquittoError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was being done, e.g. `connect to 10.0.0.5:8883`.
  public let operation: String
  /// One of libmosquitto's `MOSQ_ERR_…`.
  public let code: Int32
  public let message: String
  /// What the system or OpenSSL adds.
  public let detail: String?

  public init(operation: String, code: Int32, message: String, detail: String?) {
    self.operation = operation
    self.code = code
    self.message = message
    self.detail = detail
  }

  /// With the library's words for that code; `errno` is added where the code says so.
  init(operation: String, code: Int32, errno error: Int32, log: [String]) {
    self.operation = operation
    self.code = code
    let isSystem = code == Int32(MOSQ_ERR_ERRNO.rawValue) && error != 0
    let words = unsafe isSystem ? UnsafePointer(strerror(error)) : mosquitto_strerror(code)
    message = unsafe words.map { unsafe String(cString: $0) } ?? "error \(code)"
    detail = log.isEmpty ? nil : log.joined(separator: "; ")
  }

  public var description: String {
    "cannot \(operation): \(message)" + (detail.map { " (\($0))" } ?? "")
  }
}
