/// The figures of a closed window as they were published. Records that must not be shown are not published.
package struct ShippedFinal: Sendable, Hashable {
  /// Without the site's id, and names of places.
  package var record: KPIRecord
  /// Grows with each correction; 0 when the file does not know it any more.
  package var revision: Int64

  package init(_ record: KPIRecord, revision: Int64) {
    self.revision = revision
    var record = record
    let window = record.window
    record.window = Window(
      kind: window.kind, startMs: window.startMs, endMs: window.endMs, shiftID: window.shiftID)
    (record.siteID, record.nowMs, record.place, record.source) = ("", window.endMs, nil, .final)
    self.record = record
  }
}

extension ShippedFinal {
  private static let kinds: [WindowKind] = [.hour, .shift, .day]
  private static let scopes: [KPIScope] = [.site, .area, .line, .workstation, .worker]

  func append(to writer: inout ShipBodyBuffer) {
    let window = record.window
    let kind = window.kind.flatMap(Self.kinds.firstIndex) ?? Self.kinds.count
    writer.append(unsigned: UInt64(kind))
    writer.append(unsigned: UInt64(Self.scopes.firstIndex(of: record.scope) ?? 0))
    writer.append(timeMs: window.startMs)
    writer.append(window.endMs &- window.startMs)
    writer.append(name: window.shiftID ?? "")
    writer.append(revision)
    writer.append(bytes: KPIRecord.encoded([record]))
  }

  init(_ reader: inout ShipBodyReader) throws(ShipBodyError) {
    let kind = try reader.choice(Self.kinds.map(Optional.some) + [nil], "kind of window")
    let scope = try reader.choice(Self.scopes, "scope")
    let startMs = try reader.timeMs()
    let endMs = startMs &+ (try reader.integer())
    let shift = try reader.name()
    revision = try reader.integer()
    let bytes = try reader.bytes()
    let window = Window(kind: kind, startMs: startMs, endMs: endMs, shiftID: shift.isEmpty ? nil : shift)
    guard VarintReader.origins.contains(startMs), VarintReader.origins.contains(endMs),
      let records = KPIRecord.decoded(bytes.span, site: "", scope, window, nowMs: endMs), records.count == 1
    else { throw reader.damaged("record of figures") }
    record = records[0]
  }
}
