import AndonStore

/// What a shipper asks of a central database: a `CentralSession`, or a model of one. For one thread at a time.
package protocol CentralLink {
  /// Whether the next call can succeed without connecting again.
  var isOpen: Bool { get }

  func close()

  func about() throws(CentralError) -> CentralAbout

  func take(
    sites: [String], bridge: String, retentionMs: Int64?
  ) throws(CentralError) -> [CentralPosition]

  func resume(site: String, epoch: Int64) throws(CentralError) -> CentralPosition?

  /// In one statement. The outcomes are in the order of the parts; no site is in two of them.
  func ship(_ parts: [SiteShipment]) throws(CentralError) -> [ShipmentOutcome]

  func maintain(oldestMs: Int64?) throws(CentralError) -> [CentralAction]

  /// The back-fills that were asked for, of sites that this bridge holds.
  func requests() throws(CentralError) -> [CentralRequest]

  /// The site's file has noted what was asked.
  func answered(_ request: CentralRequest) throws(CentralError)
}

extension CentralSession: CentralLink {
  package func ship(_ parts: [SiteShipment]) throws(CentralError) -> [ShipmentOutcome] {
    var shipment = Shipment()
    for part in parts {
      let index = shipment.add(part.site)
      for record in part.records { shipment.add(record, site: index) }
      for (seq, patch) in part.patches { shipment.add(patch, seq: seq, site: index) }
      if let base = part.base { shipment.add(base, site: index) }
    }
    // A base may have many megabytes.
    let isLarge = parts.contains { $0.base.map { $0.image.count > 4 << 20 } ?? false }
    return try ship(shipment, timeoutMs: isLarge ? 60_000 : 10_000)
  }

  package func maintain(oldestMs: Int64?) throws(CentralError) -> [CentralAction] {
    try maintain(oldestMs: oldestMs, timeoutMs: 60_000)
  }
}
