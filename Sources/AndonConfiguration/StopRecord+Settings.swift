package import AndonCore

extension StopRecord {
  /// The record of a stop of a site.
  package init(_ part: StopPart, of site: SiteSettings) {
    self.init(
      part, site: site.id, site.layout, StopReasons(site.stops.reasons), askAfterMs: site.stops.askAfterMs)
  }
}
