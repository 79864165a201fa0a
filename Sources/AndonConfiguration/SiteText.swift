/// A site as it stands in a file of sites.
package struct SiteText: Sendable, Equatable {
  package var id: String
  /// YAML: a section `sites:` with this site, without comments.
  package var yaml: String
}
