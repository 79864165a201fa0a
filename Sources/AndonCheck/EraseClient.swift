import AndonCore
package import AndonStore
import Foundation

/// The erasure of a worker by a running bridge.
package struct EraseClient {
  private let client: CommandClient

  package init(_ client: CommandClient) { self.client = client }

  /// - Throws: as `CommandClient.perform`.
  package func perform(_ order: EraseCommand) throws -> ErasureReport {
    let name = UUID().uuidString.lowercased()
    var writer = JSONWriter()
    writer.field("req_id", name)
    writer.field("worker_id", order.workerID)
    writer.field("dry_run", order.isTrial)
    let answer = try client.perform(group: "worker", name: "erase", requestID: name, payload: writer.end())
    func number(_ name: String) -> Int64 { (answer[name] as? Int).map(Int64.init) ?? 0 }
    var report = ErasureReport()
    (report.events, report.eventIDs) = (number("events"), number("event_ids"))
    report.finalRecords = number("final_records")
    (report.quarantineRows, report.otherRows) = (number("quarantine_rows"), number("other_rows"))
    (report.accessRows, report.decisions) = (number("access_rows"), number("decisions"))
    report.isTrial = order.isTrial
    return report
  }
}
