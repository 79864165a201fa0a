/// What form of an answer a client asks for (RFC 9110, 12.5.1).
enum AcceptHeader {
  /// Whether the client asks for a media type: by its name, and at least as much as for JSON by its name. O(bytes).
  static func prefers(_ type: String, _ accept: String?) -> Bool {
    var (wanted, json) = (0.0, 0.0)
    for range in WeightedItem.all(accept, atMost: 32) {
      switch range.name {
      case type: wanted = max(wanted, range.weight ?? 0)
      case "application/json": json = max(json, range.weight ?? 0)
      default: break
      }
    }
    return wanted > 0 && wanted >= json
  }
}
