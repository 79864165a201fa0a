import AndonCore

/// Reads a file of events line by line: JSON lines, or the CSV that `andon export` writes.
package struct EventFile: Sendable {
  /// One payload as a camera would send it, and its camera.
  package struct Item: Sendable, Equatable {
    package var payload: [UInt8]
    package var camera: String
  }

  /// The camera of events that name none.
  package static let unnamedCamera = "import"

  private let camera: String?
  /// The columns of a CSV; nil for JSON lines, or before the first line.
  private var columns: CSVColumns?
  private var isBegun = false

  /// - Parameter camera: The camera of all events; nil takes each event's own `camera_id`.
  package init(camera: String?) { self.camera = camera }

  /// The items of a line without its line end; none for an empty line and for a CSV header.
  ///
  /// - Throws: `EventFileError` for a first line that is the header of another table.
  package mutating func items(of line: [UInt8]) throws(EventFileError) -> [Item] {
    let line = Self.withoutMark(line)
    guard !line.isEmpty else { return [] }
    if !isBegun {
      isBegun = true
      columns = try CSVColumns(header: line)
      if columns != nil { return [] }
    }
    guard let columns else { return split(line) }
    // A row with too few or too many cells is passed on as it is: the decoder rejects it, counted and
    // quarantined.
    return split(columns.event(line) ?? line)
  }

  /// Some editors write a byte order mark at the start of a file; joined files have it in the middle too.
  private static func withoutMark(_ line: [UInt8]) -> [UInt8] {
    line.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(line.dropFirst(3)) : line
  }

  private func split(_ line: [UInt8]) -> [Item] {
    if let camera { return [Item(payload: line, camera: camera)] }
    guard let items = FileItem.items(line.span) else {
      return [Item(payload: line, camera: Self.unnamedCamera)]
    }
    return items.map {
      Item(payload: Array(line[$0.bytes]), camera: $0.cameraID ?? Self.unnamedCamera)
    }
  }
}
