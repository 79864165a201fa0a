/// The languages of the login page.
enum PageLanguage: String, Sendable, CaseIterable {
  case english = "en"
  case german = "de"

  /// The one that the browser likes best (RFC 9110, 12.5.4); English otherwise.
  init(_ acceptLanguage: String?) {
    var best: (language: PageLanguage, quality: Double) = (.english, 0)
    for item in (acceptLanguage ?? "").split(separator: ",").prefix(32) {
      let parts = item.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
      guard let tag = parts.first?.prefix(while: { $0 != "-" }),
        let language = PageLanguage(rawValue: String(tag))
      else { continue }
      let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      if quality > best.quality { best = (language, quality) }
    }
    self = best.language
  }
}
