import AndonAccess

/// A request as an endpoint gets it: all parameters are known, checked and complete.
package struct APIRequest: Sendable {
  /// By parameter name, as text that the parameter's kind accepted.
  var values: [String: String] = [:]
  var body: [UInt8] = []
  /// The `Last-Event-ID` header.
  var lastEventID: String?
  /// Who sent it.
  var caller: Caller = .anonymous(readingIsOpen: false)
  /// Whether the caller may still do the same: a session may end while a stream is open.
  var isStillValid: @Sendable () -> Bool = { true }
  /// Why, as the caller said, for the access log.
  var reason = ""
  /// The bridge's clock when the request arrived, epoch milliseconds.
  var nowMs: Int64

  func text(_ name: String) -> String? { values[name] }

  /// The value of a parameter that is required or has a default.
  func word(_ name: String) -> String { values[name] ?? "" }

  func integer(_ name: String) -> Int { values[name].flatMap { Int($0) } ?? 0 }

  func instantMs(_ name: String) -> Int64? { values[name].flatMap(APIParameter.instantMs) }

  /// Comma-separated words, each one of `allowed`; nil when the parameter is absent.
  func words(_ name: String, of allowed: [String]) throws(Problem) -> Set<String>? {
    guard let text = values[name] else { return nil }
    let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    for word in words where !allowed.contains(word) {
      throw .parameter(name, "must be some of \(allowed.joined(separator: ", "))")
    }
    return Set(words)
  }
}
