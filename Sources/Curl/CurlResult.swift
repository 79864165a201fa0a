/// What became of a request.
public struct CurlResult: Sendable, Equatable {
  public enum Failure: Sendable, Equatable {
    /// No TLS connection with a certificate that is good for this host.
    case certificate
    case timeout
    /// The server does not let the user in.
    case login
    /// All else: no such host, refused, broken off, too much.
    case connection
  }

  /// The status of an HTTP answer, or the last code of a mail server; 0 without one.
  public var status: Int
  /// Nil when the server answered to the whole request. A server that sent the status of an HTTP answer and then endless
  /// or no more data has answered.
  public var failure: Failure?
  /// The library's words; empty without a failure.
  public var message: String
  /// The beginning of the answer, at most 200 bytes, printable; for a mail the refusals of recipients.
  public var excerpt: String

  /// The answer's body, if the request asked for it.
  public var body: [UInt8] = []

  public init(status: Int, failure: Failure? = nil, message: String = "", excerpt: String = "") {
    self.status = status
    self.failure = failure
    self.message = message
    self.excerpt = excerpt
  }
}
