import AndonCore

extension PageLanguage {
  /// The one that the browser likes best (RFC 9110, 12.5.4); English otherwise.
  init(acceptLanguage: String?) {
    var best: (language: PageLanguage, quality: Double) = (.english, 0)
    for item in WeightedItem.all(acceptLanguage, atMost: 32) {
      guard let language = PageLanguage(rawValue: String(item.name.prefix { $0 != "-" })) else { continue }
      let quality = item.weight ?? 0
      if quality > best.quality { best = (language, quality) }
    }
    self = best.language
  }
}
