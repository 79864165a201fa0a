/// What people call a site and its parts, from its configuration. Workers have no names here: an id of a worker and a
/// person's name meet on the dashboard alone.
public struct SiteNames: Sendable, Hashable {
  public var siteID: String
  /// Of the site; nil when none was given.
  public var site: String?
  /// IANA.
  public var timeZone: String
  public var layout: SiteLayout
  /// By id: workstations that the configuration lists. One without a name of its own has its id.
  public var workstations: [String: String]
  public var cameras: [String: CameraDescription]
  /// Of the site, then of the lines with shifts of their own.
  public var shifts: [ShiftName]
  /// Why workstations stand, as people choose from.
  package var stopReasons: [StopReason] = []
  /// Where people reach the dashboard, without a slash at the end; nil: links are left out.
  public var publicURL: String?

  public init(
    siteID: String, site: String? = nil, timeZone: String = "UTC", layout: SiteLayout = SiteLayout(),
    workstations: [String: String] = [:], cameras: [String: CameraDescription] = [:],
    shifts: [ShiftName] = [], publicURL: String? = nil
  ) {
    (self.siteID, self.site, self.timeZone, self.layout) = (siteID, site, timeZone, layout)
    (self.workstations, self.cameras, self.shifts) = (workstations, cameras, shifts)
    self.publicURL = publicURL
  }

  /// The name of a workstation; nil when it has none besides its id.
  public func workstation(_ id: String) -> String? { workstations[id].flatMap { $0 == id ? nil : $0 } }

  /// Adds the line that something belongs to, and its area; nil for nothing.
  func set(_ line: SiteLayout.Line?, on place: inout PlaceNames) {
    guard let line else { return }
    (place.lineID, place.areaID) = (line.id, layout.area(ofLine: line.id)?.id)
  }

  /// Adds what is known of a camera: a line of its own comes before that of a workstation that it sees.
  func set(camera id: String, on place: inout PlaceNames) {
    let camera = cameras[id] ?? CameraDescription()
    (place.name, place.place) = (camera.name, camera.place)
    let names = camera.workstations.compactMap { workstation($0) }
    place.workstationName = names.isEmpty ? nil : names.joined(separator: ", ")
    let ofViews = camera.workstations.lazy.compactMap { layout.line(ofWorkstation: $0) }
    set(layout.line(ofCamera: id) ?? ofViews.first, on: &place)
  }
}
