/// A table as text: numbers right-aligned, text left-aligned, two spaces in between.
package struct TextTable {
  private var rows: [[String]] = []
  private let header: [String]

  package init(_ header: [String]) { self.header = header }

  package mutating func add(_ row: [String]) { rows.append(row) }

  package var text: String {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        let isNumber = row[column].first.map { $0.isNumber || $0 == "-" } ?? false
        return isNumber ? padding + row[column] : row[column] + padding
      }.joined(separator: "  ").trimmingSuffix(" ")
    }.joined(separator: "\n")
  }
}

extension String {
  fileprivate func trimmingSuffix(_ character: Character) -> String {
    var text = self
    while text.last == character { text.removeLast() }
    return text
  }
}
