/// The equipment of a site after ISA-95: areas, the lines in them, the workstations and cameras of each line.
///
/// A workstation or camera belongs to at most one line; those that no line names belong to the site alone. Ids of
/// areas and of lines are unique in the site.
public struct SiteLayout: Sendable, Hashable {
  public struct Area: Sendable, Hashable {
    public var id: String
    /// For people; nil when none was given.
    public var name: String?
    public var lines: [Line]

    public init(id: String, name: String? = nil, lines: [Line] = []) {
      (self.id, self.name, self.lines) = (id, name, lines)
    }
  }

  public struct Line: Sendable, Hashable {
    public var id: String
    /// For people; nil when none was given.
    public var name: String?
    /// In the order of the process, as configured.
    public var workstations: [String]
    public var cameras: [String]

    public init(id: String, name: String? = nil, workstations: [String] = [], cameras: [String] = []) {
      (self.id, self.name, self.workstations, self.cameras) = (id, name, workstations, cameras)
    }
  }

  /// In the order of the configuration.
  public let areas: [Area]
  /// Of all areas, in the order of the configuration.
  public let lines: [Line]
  private let placeOfLine: [String: Int]
  private let lineOfWorkstation: [String: Int]
  private let lineOfCamera: [String: Int]
  private let areaOfLine: [String: Int]

  /// Of a workstation or camera that two lines name, the first counts.
  public init(areas: [Area] = []) {
    let lines = areas.flatMap(\.lines)
    (self.areas, self.lines) = (areas, lines)
    placeOfLine = Self.owners(lines.map { [$0.id] })
    lineOfWorkstation = Self.owners(lines.map(\.workstations))
    lineOfCamera = Self.owners(lines.map(\.cameras))
    areaOfLine = Self.owners(areas.map { $0.lines.map(\.id) })
  }

  /// By member, the index of the first list that has it.
  private static func owners(_ lists: [[String]]) -> [String: Int] {
    let pairs = lists.enumerated().flatMap { index, members in members.map { ($0, index) } }
    return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  /// What a question about one workstation, about those of a line, or about both is about; nil: all workstations.
  package static func workstations(_ workstation: String?, of line: Line?) -> Set<String>? {
    let one = workstation.map { Set([$0]) }
    guard let ofLine = line.map({ Set($0.workstations) }) else { return one }
    return one?.intersection(ofLine) ?? ofLine
  }

  public func area(_ id: String) -> Area? { areas.first { $0.id == id } }
  public func line(_ id: String) -> Line? { lineIndex(id).map { lines[$0] } }

  /// The place of a line in `lines`.
  func lineIndex(_ id: String) -> Int? { placeOfLine[id] }

  /// Nil for a workstation that belongs to no line. O(1).
  public func line(ofWorkstation id: String) -> Line? { lineOfWorkstation[id].map { lines[$0] } }

  /// Nil for a camera that belongs to no line. O(1).
  public func line(ofCamera id: String) -> Line? { lineOfCamera[id].map { lines[$0] } }

  /// The place of the workstation's line in `lines`.
  func lineIndex(ofWorkstation id: String) -> Int? { lineOfWorkstation[id] }

  /// The area of a line; nil for an unknown line. O(1).
  public func area(ofLine id: String) -> Area? { areaOfLine[id].map { areas[$0] } }
}
