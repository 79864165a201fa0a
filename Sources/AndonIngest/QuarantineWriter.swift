import AndonConfiguration
import AndonCore
import AndonStore

/// Records rejections, writes their bytes into the quarantine and keeps that within `limits.quarantine_rows` and
/// `limits.quarantine_bytes`.
struct QuarantineWriter: Sendable {
  private var rows: Int64
  private var bytes: Int64
  private var rejectedSinceTrim = 0
  /// The number of rows is trimmed after that many rejections: it may exceed its limit by as many.
  private static let trimEvery = 256

  init(store: SiteStore) throws {
    rows = try store.quarantineRows()
    bytes = try store.quarantineBytes()
  }

  /// Counts a rejection and keeps its bytes.
  ///
  /// - Parameter isKnownCamera: Whether the site has heard of the camera before.
  mutating func record(
    _ rejected: RejectedInput, isKnownCamera: Bool, _ context: inout BatchContext
  ) throws {
    let (rejection, camera) = (rejected.rejection, rejected.camera)
    context.update.counters.rejected += 1
    // A replay is a person's doing, not the camera's.
    if !context.isReplay { context.update.rejections.append((camera, rejection)) }
    // Known cameras only: anyone can invent others. And a clock in doubt is not the camera's fault.
    if !context.isReplay, context.clockState != .doubted || rejection.code != .bridgeClock,
      isKnownCamera || context.statistics.hasStored(camera)
    {
      context.statistics.record(
        rejected: rejection.code, camera: camera, receivedMs: context.receivedAtMs)
    }
    rejectedSinceTrim += 1
    bytes += Int64(rejected.payload.count)
    rows += 1
    try context.transaction.quarantine(
      QuarantineRow(
        // The number of rejections never falls, so no id is given twice.
        id: context.rejectedBefore + context.update.counters.rejected, receivedAtMs: context.receivedAtMs,
        cameraID: camera, topic: rejected.topic, code: rejection.code.rawValue,
        field: rejection.field ?? "", detail: rejection.detail, eventID: rejection.eventID ?? "",
        payload: rejected.payload,
        payloadBytes: Int64(max(rejected.payloadBytes, rejected.payload.count)),
        form: rejected.form))
  }

  mutating func remove(_ row: QuarantineRow, in transaction: StoreTransaction) throws {
    try transaction.removeFromQuarantine(row.id)
    rows -= 1
    bytes -= Int64(row.payload.count)
  }

  /// Drops the oldest rows beyond the limits. Call once a batch.
  mutating func trim(_ context: inout BatchContext) throws {
    let (transaction, limits) = (context.transaction, context.rules.limits)
    if rejectedSinceTrim >= Self.trimEvery {
      // Retention deletes rows, too.
      if rows > limits.quarantineRows { rows = try transaction.quarantineRows() }
      let excess = rows - Int64(limits.quarantineRows)
      if excess > 0 {
        let dropped = try transaction.trimQuarantine(oldest: excess)
        context.update.counters.quarantineDropped += dropped
        rows -= dropped
      }
      rejectedSinceTrim = 0
    }
    if bytes > limits.quarantineBytes { bytes = try transaction.quarantineBytes() }
    if bytes > limits.quarantineBytes {
      // A tenth more than needed, so that the next rejection does not trim again.
      let dropped = try transaction.trimQuarantine(toBytes: limits.quarantineBytes * 9 / 10)
      context.update.counters.quarantineDropped += dropped
      rows -= dropped
      bytes = try transaction.quarantineBytes()
    }
  }
}
