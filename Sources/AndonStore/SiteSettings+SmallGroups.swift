import AndonConfiguration
import AndonCore

extension SiteSettings {
  /// What withholds figures of too few workers.
  var smallGroups: SmallGroups { SmallGroups(limit: privacy.minGroup, layout: layout) }
}
