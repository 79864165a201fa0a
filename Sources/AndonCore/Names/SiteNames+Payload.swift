/// The object of the topic `meta/site`, which is the answer of `GET …/names`, too.
extension SiteNames {
  /// The most bytes of the retained topic: panels and small brokers must be able to take it.
  package static let mostBytes = 131_072

  /// - Parameter mostBytes: of the object. What is longer loses places, addresses and contacts first, then the last
  ///   cameras and workstations, and says `truncated`. Cost: O(names).
  package func json(nowMs: Int64, mostBytes: Int = .max) -> [UInt8] {
    let whole = Self.payload.json(Listed(names: self, nowMs: nowMs))
    if whole.count <= mostBytes { return whole }
    var part = Listed(names: self, nowMs: nowMs, isShort: true)
    while true {
      let bytes = Self.payload.json(part)
      if bytes.count <= mostBytes || part.most == 0 { return bytes }
      part.most = min(part.most, max(cameraIDs.count, stationIDs.count)) / 2
    }
  }

  /// Whether both objects say the same, apart from their time.
  package func isSame(as payload: [UInt8]) -> Bool {
    let members = JSONMember.all(of: payload.span) ?? []
    guard let nowMs = members.first(where: { $0.name == "timestamp_ms" }).flatMap({ Int64($0.text) }) else {
      return false
    }
    return json(nowMs: nowMs, mostBytes: Self.mostBytes) == payload
  }

  /// The names with the time of the object, and how much of them it may hold.
  package struct Listed: Sendable {
    var names: SiteNames
    var nowMs: Int64
    var isShort = false
    /// Cameras, and workstations, at most.
    var most = Int.max
  }

  /// Workstations that are listed or belong to a line: by line in the order of the process, then by id.
  private var stationIDs: [String] {
    let ofLines = layout.lines.flatMap(\.workstations)
    return ofLines + Set(workstations.keys).subtracting(ofLines).sorted()
  }

  private var cameraIDs: [String] {
    Set(cameras.keys).union(layout.lines.flatMap(\.cameras)).sorted()
  }

  package static let payload = PayloadTable<Listed>(
    "What people call a site and its parts.", .time { $0.nowMs },
    [
      .required("site_id", .identifier("The site")) { $0.names.siteID },
      .required("name", .text("Of the site; its id if none is configured")) {
        $0.names.site ?? $0.names.siteID
      },
      .required("time_zone", .text("IANA")) { $0.names.timeZone },
      .required("areas", .array(of: .object(area))) { $0.names.layout.areas },
      .required("lines", .array(of: .object(line))) { part in
        part.names.layout.lines.map { (part.names, $0) }
      },
      .required("stations", .array(of: .object(station))) { part in
        part.names.stationIDs.prefix(part.most).map { (part.names, $0) }
      },
      .required("cameras", .array(of: .object(camera))) { part in
        part.names.cameraIDs.prefix(part.most).map { id in
          let camera = part.names.cameras[id] ?? CameraDescription()
          return (part.names, id, part.isShort ? camera.short : camera)
        }
      },
      .required("shifts", .array(of: .object(shift))) { $0.names.shifts },
      .required("stop_reasons", .array(of: .object(StopReason.payload))) { $0.names.stopReasons },
      .optional(
        "truncated", .flag("True: the object would be too long; GET …/names has all of it")
      ) { $0.isShort ? true : nil },
    ])

  private static let area = PayloadTable<SiteLayout.Area>(
    "An area.",
    [
      .required("id", .identifier("The area")) { $0.id },
      .required("name", .text("For people")) { $0.name ?? $0.id },
    ])

  private static let line = PayloadTable<(names: SiteNames, line: SiteLayout.Line)>(
    "A line.",
    [
      .required("id", .identifier("The line")) { $0.line.id },
      .required("name", .text("For people")) { $0.line.name ?? $0.line.id },
      .optional("area_id", .identifier("Its area")) { $0.names.layout.area(ofLine: $0.line.id)?.id },
    ])

  private static let station = PayloadTable<(names: SiteNames, id: String)>(
    "A workstation.",
    [
      .required("id", .identifier("The workstation")) { $0.id },
      .required("name", .text("For people")) { $0.names.workstations[$0.id] ?? $0.id },
      .optional("line_id", .identifier("Its line")) { $0.names.layout.line(ofWorkstation: $0.id)?.id },
    ])

  private static let camera = PayloadTable<(names: SiteNames, id: String, camera: CameraDescription)>(
    "A camera.",
    [
      .required("id", .identifier("The camera")) { $0.id },
      .required("name", .text("For people")) { $0.camera.name ?? $0.id },
      .optional("place", .text("Where it is mounted")) { $0.camera.place },
      .optional("line_id", .identifier("The line that it sees")) {
        $0.names.layout.line(ofCamera: $0.id)?.id
      },
      .required("workstations", .array(of: .identifier("A workstation that it sees"))) {
        $0.camera.workstations
      },
      .optional("url", .text("Its own page")) { $0.camera.url },
      .optional("snapshot_url", .text("Answers with a picture")) { $0.camera.snapshotURL },
      .optional("contact", .text("Whom to ask about it; may be personal data")) { $0.camera.contact },
    ])

  private static let shift = PayloadTable<ShiftName>(
    "A shift.",
    [
      .required("id", .identifier("The shift")) { $0.id },
      .required("name", .text("For people")) { $0.name ?? $0.id },
      .optional("line_id", .identifier("The line whose own shift it is")) { $0.lineID },
    ])
}
