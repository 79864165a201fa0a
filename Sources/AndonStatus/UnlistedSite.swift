package import AndonCore

/// A site that cameras publish to at this broker, and that no bridge there has in its configuration: mostly a
/// misspelt site in a camera's topic.
package struct UnlistedSite: Sendable, Equatable {
  package var siteID: String
  /// One of the topics that were seen.
  package var topic: String
  /// When it was first and last seen, epoch milliseconds.
  package var firstMs: Int64
  package var lastMs: Int64

  package init(siteID: String, topic: String, firstMs: Int64, lastMs: Int64) {
    (self.siteID, self.topic, self.firstMs, self.lastMs) = (siteID, topic, firstMs, lastMs)
  }

  /// The most that are remembered: anybody who may publish can invent names.
  package static let limit = 32

  package static let payload = PayloadTable<UnlistedSite>(
    "A site that cameras publish to and that no bridge at this broker lists.",
    [
      .required("site_id", .identifier("The site in their topics")) { $0.siteID },
      .required("topic", .text("One of the topics")) { $0.topic },
      .required("first_ms", .instant("When it was first seen")) { $0.firstMs },
      .required("last_ms", .instant("When it was last seen")) { $0.lastMs },
    ])
}
