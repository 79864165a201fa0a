package import AndonStore

/// A site's cameras as of the last commit, listed when somebody asks.
package struct CameraList: Sendable {
  private let table: CameraTable
  private let outOfService: [String: OutOfService]

  init(_ table: CameraTable, outOfService: [String: OutOfService]) {
    self.table = table
    self.outOfService = outOfService
  }

  /// All cameras by id, with those out of service marked. O(n log n).
  package var rows: [CameraRow] {
    table.rows.values.map { row in
      var row = row
      row.outOfService = outOfService[row.cameraID]
      return row
    }.sorted { $0.cameraID < $1.cameraID }
  }
}
