/// What people know of a camera: its name, where it hangs, what it sees, and whom to call about it.
public struct CameraDescription: Sendable, Hashable {
  /// For people; nil when none was given, as for the others.
  public var name: String?
  /// Where it is mounted.
  public var place: String?
  /// Ids of the workstations that it sees, as configured.
  public var workstations: [String]
  /// Its own page, http or https.
  public var url: String?
  /// An address that answers with a picture, http or https.
  public var snapshotURL: String?
  /// Whom to ask: a role or a telephone. May be personal data.
  public var contact: String?

  public init(
    name: String? = nil, place: String? = nil, workstations: [String] = [], url: String? = nil,
    snapshotURL: String? = nil, contact: String? = nil
  ) {
    (self.name, self.place, self.workstations) = (name, place, workstations)
    (self.url, self.snapshotURL, self.contact) = (url, snapshotURL, contact)
  }

  /// Without what a reader can do without: places, addresses and contacts.
  var short: CameraDescription { CameraDescription(name: name, workstations: workstations) }
}
