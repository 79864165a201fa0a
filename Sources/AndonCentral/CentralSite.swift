import AndonCore

/// A site in the status of the central database.
package struct CentralSite: Sendable, Equatable {
  package var siteID: String
  /// Who holds it; nil: no bridge.
  package var bridgeID: String?
  package var epoch: Int64
  package var seq: Int64
  /// Epoch milliseconds; nil: never.
  package var shippedMs: Int64?
  package var newestEventMs: Int64?
  package var stored: Int64

  static let payload = PayloadTable<CentralSite>(
    "A site in the central database.",
    [
      .required("site_id", .identifier("The site")) { $0.siteID },
      .optional("bridge_id", .identifier("Who holds it; absent: no bridge")) { $0.bridgeID },
      .required("epoch", .count("Grows whenever a bridge takes it")) { $0.epoch },
      .required("seq", .count("How far its log has come")) { $0.seq },
      .optional("shipped_ms", .instant("When something arrived last; absent: never")) { $0.shippedMs },
      .optional("newest_event_ms", .instant("The newest event; absent: none")) { $0.newestEventMs },
      .required("stored", .count("Events that its file stored, as the bridge counted them")) { $0.stored },
    ])

  package var json: [UInt8] { Self.payload.json(self, capacity: 256) }
}
