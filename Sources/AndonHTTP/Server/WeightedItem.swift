/// One item of a header by which a client says what it likes: `Accept`, `Accept-Encoding`, `Accept-Language` (RFC 9110,
/// 12.4.2).
struct WeightedItem {
  /// In lower case, without parameters.
  let name: String
  /// 1 without a `q`; nil for one that is no number.
  let weight: Double?

  /// The items in their order. O(bytes).
  static func all(_ header: String?, atMost limit: Int = .max) -> [WeightedItem] {
    (header ?? "").split(separator: ",").prefix(limit).compactMap { item in
      let parts = item.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
      guard let name = parts.first else { return nil }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }
      return WeightedItem(name: name, weight: weight.map { Double($0.dropFirst(2)) } ?? 1)
    }
  }
}
