import AndonCore
import AndonStore

/// What of a site is in a shipment.
enum ShippedPart {
  /// The next bodies of its log.
  case log(ShipBatch)
  /// Rows that are no part of the log, from the tables.
  case backfill(ShipBackfillStep)
  /// Some rows of another part; the log stays where it is.
  case rows([ShipRecord])

  var records: [ShipRecord] {
    switch self {
    case .log(let batch): batch.bodies.flatMap(\.records)
    case .backfill(let step): step.records
    case .rows(let records): records
    }
  }
}
