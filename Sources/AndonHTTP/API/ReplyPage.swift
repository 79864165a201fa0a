import AndonCore
import AndonRuntime

/// An answer as a page for people. Made only when one asks for it, from what is shared with those who ask for JSON.
struct ReplyPage: Sendable {
  /// The one that was asked for; nil: the browser's.
  var language: PageLanguage?
  var html: @Sendable (PageLanguage) -> [UInt8]

  /// - Parameter language: of the browser.
  func reply(language: PageLanguage) -> APIReply {
    let language = self.language ?? language
    var reply = APIReply(contentType: "text/html; charset=utf-8", body: .bytes(html(language)))
    reply.headers = [
      ("Content-Security-Policy", Self.contentSecurityPolicy), ("Content-Language", language.rawValue),
    ]
    reply.page = self
    return reply
  }

  /// No script, nothing from elsewhere, and no style but the one inside of the page, by its hash.
  private static let contentSecurityPolicy =
    "default-src 'none'; style-src \(ContentHash.source(of: ReportPage.style)); base-uri 'none'; form-action 'none'; "
    + "frame-ancestors 'none'"
}
