import AndonConfiguration
import Curl

/// What an answer means for the notification that was sent.
enum NotifyVerdict: Equatable {
  /// The receiver took it. The note names what it did not take, e.g. one of several recipients.
  case taken(note: String?)
  /// The receiver does not take this one; others may be taken.
  case refused(String)
  /// The receiver takes nothing now.
  case failed(String)

  init(_ result: CurlResult, _ kind: NotifyRouteSettings.Kind) {
    if let failure = result.failure {
      self = Self.failed(failure, result)
      return
    }
    guard kind != .smtp else {
      self = .taken(note: result.excerpt.isEmpty ? nil : "a recipient was refused: \(result.excerpt)")
      return
    }
    let said = "answered \(result.status)" + (result.excerpt.isEmpty ? "" : " (\(result.excerpt))")
    switch result.status {
    case 200..<300: self = .taken(note: nil)
    case 300..<400:
      self = .failed("\(said): redirects are not followed; put the final address into url")
    case 401, 403, 407:
      self = .failed("\(said): look at token_file, or username and password_file")
    case 404, 405, 410: self = .failed("\(said): look at the path of url")
    // Too early and too often: later, the same will be taken.
    case 408, 425, 429: self = .failed(said)
    case 400..<500: self = .refused(said)
    default: self = .failed(said)
    }
  }

  private static func failed(_ failure: CurlResult.Failure, _ result: CurlResult) -> NotifyVerdict {
    let said = result.message + (result.excerpt.isEmpty ? "" : " (\(result.excerpt))")
    switch failure {
    case .certificate:
      return .failed("no TLS connection: \(said); put the authority of its certificate into ca_file")
    case .login: return .failed("\(said): look at username and password_file")
    case .timeout: return .failed("no answer in time: \(said)")
    // The end of a mail's text is where a server says that it does not like this mail.
    case .connection: return result.status == 552 || result.status == 554 ? .refused(said) : .failed(said)
    }
  }
}
