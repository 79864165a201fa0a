import AndonCore
import Foundation
import GRDB

/// The column `sequence` of a camera: empty for one that does not number its events.
extension CameraRow {
  var storedSequence: Data {
    sequence.map { BlobKey.sequence(camera: cameraID).sealed($0.encoded()) } ?? Data()
  }

  /// Nil for a damaged one, too, which is recorded: the count begins again with the next number.
  static func sequence(camera: String, _ stored: DatabaseValue, _ damage: DamageLog) -> CameraSequence? {
    guard !isEmpty(stored) else { return nil }
    if let sound = soundSequence(camera: camera, stored) { return sound }
    damage.found(.sequence(camera: camera))
    return nil
  }

  private static func isEmpty(_ stored: DatabaseValue) -> Bool {
    Data.fromDatabaseValue(stored)?.isEmpty ?? false
  }

  private static func soundSequence(camera: String, _ stored: DatabaseValue) -> CameraSequence? {
    BlobKey.sequence(camera: camera).opened(stored).flatMap { CameraSequence(encoded: $0.span) }
  }

  /// Empties the column unless the ingest loop has written it meanwhile.
  static func repairSequence(camera: String, _ db: Database) throws {
    let row = try Row.fetchOne(
      db, sql: "SELECT sequence FROM camera WHERE camera_id = ?", arguments: [camera])
    guard let row, !isEmpty(row[0]), soundSequence(camera: camera, row[0]) == nil else { return }
    try db.execute(sql: "UPDATE camera SET sequence = x'' WHERE camera_id = ?", arguments: [camera])
  }
}
