import AndonConfiguration
import AndonCore
import AndonStore

extension Shipper {
  /// Ships a part in halves, until the rows that the server refuses are alone. Each of these is a gap of the site, the
  /// others are stored. O(refused rows × log rows) statements.
  func isolate(_ part: SitePart, _ link: any CentralLink, nowMs: Int64) throws(CentralError) {
    let site = part.site
    // If the connection ends in between, all of it is shipped again.
    site.becomeUnsure()
    // If it refuses a statement without rows, the rows are not what is wrong.
    guard let first = try link.ship([part.outsideOfTheLog([])]).first, first.isStored else { return }
    var refused: [(record: ShipRecord, why: String)] = []
    var pieces = [part.shipment.records[...]]
    while let piece = pieces.popLast() {
      // What was found until then is refused again the next time.
      guard !isStopping() else { return }
      guard let row = piece.first else { continue }
      do throws(CentralError) {
        guard let outcome = try link.ship([part.outsideOfTheLog(Array(piece))]).first, outcome.isStored else {
          return
        }
      } catch  where error.isRefusedData {
        guard piece.count > 1 else {
          refused.append((row, error.code))
          continue
        }
        let middle = piece.startIndex + piece.count / 2
        pieces += [piece[middle...], piece[..<middle]]
      } catch {
        status.unknownOutcomes += 1
        throw error
      }
    }
    let isNoted: Void? = guarded(site, nowMs: nowMs) {
      for (why, rows) in Dictionary(grouping: refused, by: \.why).sorted(by: { $0.key < $1.key }) {
        try site.store.noteRefused(rows.map(\.record), why: why, nowMs: nowMs)
      }
    }
    guard isNoted != nil else { return }
    status.sites[site.settings.id, default: .init()].refusedRows += Int64(refused.count)
    // The rest is stored; the position follows.
    var rest = part
    rest.shipment.records = []
    if let outcome = try link.ship([rest.shipment]).first { settle(rest, outcome, nowMs: nowMs) }
  }
}
