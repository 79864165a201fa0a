/// One request to a server: HTTP or a mail.
public struct CurlRequest: Sendable {
  public enum Work: Sendable {
    case get
    /// The body is sent as it is.
    case post(body: [UInt8])
    /// A mail in the format of RFC 5322, with CRLF line ends.
    case mail(from: String, to: [String], body: [UInt8])
    /// Connects, proves the certificate and, for a mail server, logs in; sends nothing else.
    case greet
  }

  public var url: String
  public var work: Work
  /// `Name: value`, without line ends.
  public var headers: [String] = []
  public var username: String?
  public var password: String?
  /// The authority of the server's certificate (PEM); nil: those of the system.
  public var caFile: String?
  /// Of the whole request, milliseconds. Looking up and connecting may take half of it.
  public var timeoutMs: Int64 = 10_000
  /// Whether a mail server must offer STARTTLS; `smtps` and `https` always have TLS.
  public var needsTLS = true

  /// Whether the result has the answer's body, at most 64 KiB.
  public var keepsBody = false

  public init(url: String, work: Work) {
    self.url = url
    self.work = work
  }

  var isMail: Bool { url.lowercased().hasPrefix("smtp") }
}
