package import AndonCore
import GRDB

extension SiteStore {
  /// The closed hours of each camera that have events, ascending: the sum of its model versions. O(rows of the range).
  package func hours(of range: Range<Int64>) throws -> [String: [HourSum]] {
    try database.read { db in
      let keys = try Row.fetchAll(
        db, sql: "SELECT camera_id, model_version FROM drift_state ORDER BY camera_id, model_version")
      var hours: [String: [Int64: HourSum]] = [:]
      for key in keys {
        let camera: String = key[0]
        for sum in try StoreTransaction(reading: db, damage: damage).driftHours(
          DriftKey(cameraID: camera, modelVersion: key[1]), range)
        {
          hours[camera, default: [:]][sum.hour, default: HourSum(hour: sum.hour)].count += sum.count
        }
      }
      return hours.mapValues { $0.values.sorted { $0.hour < $1.hour } }
    }
  }
}
