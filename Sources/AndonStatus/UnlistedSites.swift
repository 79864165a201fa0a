/// What one look at the topics below the root found.
package struct UnlistedSites: Sendable, Equatable {
  /// By site, a topic of one of its cameras.
  private var cameras: [String: String] = [:]
  /// Sites that some bridge describes.
  private var described: Set<String> = []
  /// Cameras whose status the broker retains, as `site/camera`.
  private var retained: Set<String> = []
  /// Whether all that is retained was seen: the look was not cut short, and reading was granted.
  package var isWhole = false
  /// The most names that are kept while looking.
  private static let limit = 4096

  package init() {}

  /// Records a message. O(length of the topic).
  ///
  /// - Parameters:
  ///   - levels: of the topic below the root.
  ///   - isEmpty: of the payload: an empty one takes a retained message away.
  ///   - isRetained: the broker had kept it.
  package mutating func record(
    topic: String, levels: [Substring], isEmpty: Bool, isRetained: Bool = false
  ) {
    guard levels.count >= 3, let site = levels.first.map(String.init), !isEmpty else { return }
    switch levels[1] {
    case "meta" where levels.count == 3 && levels[2] == "site": described.insert(site)
    case "camera" where levels.count == 4:
      if isRetained, levels[3] == "status", retained.count < Self.limit {
        retained.insert("\(site)/\(levels[2])")
      }
      if let known = cameras[site] {
        cameras[site] = min(known, topic)
      } else if cameras.count < Self.limit {
        cameras[site] = topic
      }
    default: break
    }
  }

  /// Those of a site's cameras whose status the broker does not retain; none where not all of it was seen.
  package func unretained(_ cameras: [String], site: String) -> [String] {
    guard isWhole, retained.count < Self.limit else { return [] }
    return cameras.filter { !retained.contains("\(site)/\($0)") }.sorted()
  }

  /// The sites that no bridge reads, with a topic each, by name.
  ///
  /// - Parameter listed: those of this bridge. Those of others at the same broker describe themselves.
  package func found(listed: Set<String>) -> [(site: String, topic: String)] {
    cameras.filter { !listed.contains($0.key) && !described.contains($0.key) }
      .sorted { $0.key < $1.key }.map { (site: $0.key, topic: $0.value) }
  }
}
