/// What a record is about, in words: optional keys of KPI objects and alerts. All nil where nothing is configured.
public struct PlaceNames: Sendable, Hashable {
  /// Of the site, area, line, workstation or camera itself.
  public var name: String?
  /// Where a camera is mounted.
  public var place: String?
  /// Of the workstation that a worker is at, or of those that a camera sees, separated by commas.
  public var workstationName: String?
  /// The line that it belongs to.
  public var lineID: String?
  /// The area of that line.
  public var areaID: String?
  /// The page of the dashboard about it.
  public var link: String?

  public init() {}
}

extension PlaceNames {
  /// The keys that KPI objects and alerts share.
  package static let fields: [PayloadField<PlaceNames>] = [
    .optional("name", .text("What people call it, if configured")) { $0.name },
    .optional(
      "workstation_name", .text("Of the workstation that a worker is at, or of those that a camera sees")
    ) { $0.workstationName },
    .optional("line_id", .identifier("The line that it belongs to")) { $0.lineID },
    .optional("area_id", .identifier("The area of that line")) { $0.areaID },
  ]

  /// The keys that only alerts have.
  package static let alarmFields: [PayloadField<PlaceNames>] = [
    .optional("place", .text("Where the camera is mounted, if configured")) { $0.place },
    .optional("link", .text("The dashboard's page about it, with http.public_url")) { $0.link },
  ]
}
