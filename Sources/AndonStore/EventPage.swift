package import AndonCore
import Foundation
import GRDB

/// The filters and bounds of a page of events.
package struct EventQuery: Sendable {
  package var workerID: String?
  package var workstationID: String?
  package var cameraID: String?
  /// Half-open `[fromMs, toMs)`.
  package var fromMs: Int64
  package var toMs: Int64
  package var limit: Int
  /// The last event of the page before; the next page begins after it.
  package var after: EventCursor?

  package init(fromMs: Int64, toMs: Int64, limit: Int) {
    self.fromMs = fromMs
    self.toMs = toMs
    self.limit = limit
  }
}

/// The end of a page of events, newest first: the identity of its last event.
package struct EventCursor: Sendable, Hashable, Comparable {
  package var timestampMs: Int64
  package var workerID: String
  package var kind: Int64
  package var workstationID: String
  package var eventID: String

  package init(_ event: Event) {
    timestampMs = event.timestampMs
    workerID = event.workerID
    kind = Int64(event.kind.rawValue)
    workstationID = event.workstationID
    eventID = event.eventID
  }

  /// The order of the pages, from the oldest on.
  package static func < (left: EventCursor, right: EventCursor) -> Bool {
    (left.timestampMs, left.workerID, left.kind, left.workstationID, left.eventID)
      < (right.timestampMs, right.workerID, right.kind, right.workstationID, right.eventID)
  }

  /// The opaque cursor that clients send back.
  package var text: String {
    let plain = "\(timestampMs)/\(kind)/\(workerID)/\(workstationID)/\(eventID)"
    return Data(plain.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
  }

  /// Nil for a text that is no cursor.
  package init?(text: String) {
    var padded = text.replacing("-", with: "+").replacing("_", with: "/")
    while padded.utf8.count % 4 != 0 { padded += "=" }
    guard text.utf8.count <= 512, let data = Data(base64Encoded: padded) else { return nil }
    let parts = String(decoding: data, as: UTF8.self)
      .split(separator: "/", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 5, let timestamp = Int64(parts[0]), let kind = Int64(parts[1]), kind <= 3 else {
      return nil
    }
    timestampMs = timestamp
    self.kind = kind
    workerID = parts[2]
    workstationID = parts[3]
    eventID = parts[4]
  }
}

extension SiteStore {
  /// A page of stored events, newest first: at most `limit`, and whether more follow.
  ///
  /// The rows lie in order of time. Those of one worker or camera are found by the bucket: O(limit + buckets), where a
  /// bucket without them costs one look-up.
  package func events(_ query: EventQuery) throws -> (events: [StoredEvent], hasMore: Bool) {
    try database.read { db in
      let transaction = StoreTransaction(reading: db, damage: damage)
      guard let page = try EventPageReader(query, transaction) else { return ([], false) }
      return try page.read()
    }
  }
}
