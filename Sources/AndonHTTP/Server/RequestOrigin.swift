import HTTPTypes

/// Where a request comes from, as a browser says it. A foreign page can make a browser send a request with the user's
/// cookie (CSRF); it cannot forge these headers.
enum RequestOrigin: Sendable, Hashable {
  /// A page of this listener.
  case own
  /// Another page.
  case foreign
  /// The headers do not say: no browser, or a very old one.
  case unknown

  init(_ headers: HTTPFields, authority: String?) {
    if let site = headers[HTTPField.Name("Sec-Fetch-Site")!], site != "none" {
      self = site == "same-origin" ? .own : .foreign
    } else if let origin = headers[.origin] {
      let parts = origin.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
      let isHTTP = parts.count == 3 && (parts[0] == "http:" || parts[0] == "https:") && parts[1].isEmpty
      guard isHTTP, let authority else {
        self = .foreign
        return
      }
      self = parts[2].lowercased() == authority.lowercased() ? .own : .foreign
    } else {
      self = .unknown
    }
  }
}
