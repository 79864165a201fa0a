import AndonCore

/// The columns of a CSV (RFC 4180, UTF-8, commas) of events, in the order of its header.
struct CSVColumns: Sendable {
  /// The columns that every event needs. Columns that are no event field are ignored.
  static let required = ["timestamp", "workstation_id", "event_type"]
  private static let fields =
    required + [
      "site_id", "camera_id", "worker_id", "confidence", "count", "event_id", "model_version", "seq",
      "boot_id",
    ]
  /// Columns whose cells are written as JSON numbers where possible.
  private static let numbers: Set<String> = ["timestamp", "confidence", "count", "seq"]

  private let names: [String]

  /// Nil when the line is no header: then the file holds JSON lines.
  init?(header line: [UInt8]) throws(EventFileError) {
    let text = String(decoding: line, as: UTF8.self)
    if let names = CSVText.cells(line), Set(names).isSuperset(of: Self.required),
      Set(names).count == names.count
    {
      self.names = names
      return
    }
    guard Self.looksLikeHeader(text) else { return nil }
    throw EventFileError(firstLine: String(text.prefix(80)))
  }

  /// Whether the line has two plain words or more, separated as in a table.
  private static func looksLikeHeader(_ text: String) -> Bool {
    [",", ";", "\t"].contains { separator in
      let words = text.split(separator: separator, omittingEmptySubsequences: false)
      return words.count > 1
        && words.allSatisfy { word in
          !word.isEmpty
            && word.unicodeScalars.allSatisfy {
              $0.properties.isAlphabetic || $0.properties.numericType != nil
                || "_ \"-.".unicodeScalars.contains($0)
            }
        }
    }
  }

  /// The event object of a row; nil when the row has another number of cells or cannot be read.
  func event(_ row: [UInt8]) -> [UInt8]? {
    guard let cells = CSVText.cells(row), cells.count == names.count else { return nil }
    var writer = JSONWriter(capacity: 256)
    for (name, cell) in zip(names, cells) where Self.fields.contains(name) && !cell.isEmpty {
      let text = CSVText.unguarded(cell)
      if Self.numbers.contains(name), CSVText.isNumber(text) {
        writer.field(name, json: Array(text.utf8))
      } else {
        writer.field(name, text)
      }
    }
    return writer.end()
  }
}
