import AndonCore

/// Takes the lines of a file of events apart: JSON lines, or the CSV that `andon export` writes. A value that is
/// given one line after the other.
package struct EventFile: Sendable {
  /// One payload as a camera would send it, and the camera.
  package struct Item: Sendable, Equatable {
    package var payload: [UInt8]
    package var camera: String
  }

  /// The camera of events that name none.
  package static let unnamedCamera = "import"

  private let camera: String?
  /// The file's columns; nil for JSON lines, or before the first line.
  private var columns: CSVColumns?
  private var isBegun = false

  /// - Parameter camera: The camera of all events; nil lets each one's own `camera_id` say it.
  package init(camera: String?) { self.camera = camera }

  /// What a line holds, without its line end; nothing for an empty one and for the header of a CSV.
  ///
  /// - Throws: `EventFileError` for a first line that is the header of some other table.
  package mutating func items(of line: [UInt8]) throws(EventFileError) -> [Item] {
    let line = Self.withoutMark(line)
    guard !line.isEmpty else { return [] }
    if !isBegun {
      isBegun = true
      columns = try CSVColumns(header: line)
      if columns != nil { return [] }
    }
    guard let columns else { return split(line) }
    // A row with too few or too many cells is handed on as it is: the decoder refuses it, counted and kept.
    return split(columns.event(line) ?? line)
  }

  /// Some editors put a byte order mark at a file's start; joined files have it further down, too.
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
