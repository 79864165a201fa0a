package import AndonCore
package import AndonStore
import Postgres

/// What one statement ships: for some sites the next part of their logs.
///
/// A site's rows are stored in one transaction with its position, or not at all. Sending the same shipment twice stores
/// nothing twice.
package struct Shipment: Sendable {
  /// Rows other than events. The raw values are their names in `ship_v1`.
  package enum Kind: String, Sendable, CaseIterable {
    case figures = "kpis"
    case alerts, gaps, cameras, stops, reasons, targets, calendar, reports, erasures
  }

  /// The part of a site's log. An empty one (`lastSeq` = `firstSeq` - 1) has rows that are no part of the log: those of a
  /// back-fill.
  package struct Site: Sendable, Equatable {
    package var id: String
    package var epoch: Int64
    package var firstSeq: Int64
    package var lastSeq: Int64
    /// The hash chain at `lastSeq`.
    package var tip: Int64
    /// Epoch milliseconds; nil: not said.
    package var newestEventMs: Int64?
    /// As of `lastSeq`, absolute, in the order of `CentralSchema.counters`; nil, or an empty list: not said.
    package var counters: [Int64?]

    package init(
      id: String, epoch: Int64, firstSeq: Int64, lastSeq: Int64, tip: Int64, newestEventMs: Int64? = nil,
      counters: [Int64?] = []
    ) {
      self.id = id
      self.epoch = epoch
      self.firstSeq = firstSeq
      self.lastSeq = lastSeq
      self.tip = tip
      self.newestEventMs = newestEventMs
      self.counters = counters
    }
  }

  package private(set) var sites: [Site] = []
  private var eventSites = PostgresArray<Int32>()
  private var timestamps = PostgresArray<Int64>()
  private var workers = PostgresArray<String>()
  private var kinds = PostgresArray<Int16>()
  private var workstations = PostgresArray<String>()
  private var eventIDs = PostgresArray<String>()
  private var cameras = PostgresArray<String>()
  private var models = PostgresArray<String>()
  private var confidences = PostgresArray<Int32>()
  private var counts = PostgresArray<Int32>()
  private var accepted = PostgresArray<Bool>()
  private var received = PostgresArray<Int64>()
  private var rows: [Kind: [[UInt8]]] = [:]
  private var patchSites = PostgresArray<Int32>()
  private var patchSeqs = PostgresArray<Int64>()
  private var patches = PostgresArray<[UInt8]>()
  private var baseSites = PostgresArray<Int32>()
  private var migrations = PostgresArray<String>()
  private var images = PostgresArray<[UInt8]>()

  package init() {}

  /// Events and rows.
  package var rowCount: Int { eventSites.count + rows.values.reduce(0) { $0 + $1.count } }

  /// Adds a site and returns its index, which its rows carry. No site may be in it twice.
  package mutating func add(_ site: Site) -> Int {
    sites.append(site)
    return sites.count - 1
  }

  package mutating func add(_ row: ShippedEvent, site: Int) {
    let event = row.event
    // SQL counts from 1.
    eventSites.append(Int32(site + 1))
    timestamps.append(event.timestampMs)
    workers.append(event.workerID)
    kinds.append(Int16(event.kind.rawValue))
    workstations.append(event.workstationID)
    eventIDs.append(event.eventID)
    cameras.append(row.cameraID)
    models.append(event.modelVersion)
    confidences.append(event.confidencePpm)
    counts.append(event.count)
    accepted.append(row.isAccepted)
    received.append(row.receivedAtMs)
  }

  /// Adds a row; fields that are left out are NULL or the column's empty value.
  package mutating func add(_ kind: Kind, _ fields: [(name: String, value: ShippedField)], site: Int) {
    var bytes = Array("{\"site\":\(site + 1)".utf8)
    for (name, value) in fields {
      bytes += Array(",\"\(name)\":".utf8)
      value.append(to: &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
    rows[kind, default: []].append(bytes)
  }

  /// Adds the figures of a closed window.
  package mutating func add(_ record: KPIRecord, revision: Int64, site: Int) {
    let window = record.window
    var fields: [(String, ShippedField)] = [
      ("window_kind", .text(window.name)), ("start_ms", .number(window.startMs)),
      ("end_ms", .number(window.endMs)),
      ("shift_id", .text(window.shiftID ?? "")), ("scope", .text(record.scope.rawValue)),
      ("id", .text(record.id)),
      ("rev", .number(revision)), ("published_ms", .number(record.nowMs)),
      ("quality", .number(Int64(record.quality.rawValue))), ("withheld", .flag(record.isWithheld)),
    ]
    fields += record.values.map { ($0.metric.rawValue, .decimal($0.scaled, digits: $0.metric.digits)) }
    add(.figures, fields, site: site)
  }

  /// Whether it has patches or bases: then `ship_v2` takes it.
  package var hasState: Bool { patchSites.count > 0 || baseSites.count > 0 }

  /// Adds what a commit of the site's part changed in the small tables.
  package mutating func add(_ patch: ShippedPatch, seq: Int64, site: Int) {
    patchSites.append(Int32(site + 1))
    patchSeqs.append(seq)
    patches.append(Self.bytes(of: patch))
  }

  /// Adds the small tables at the last commit of the site's part.
  package mutating func add(_ base: WorkingState, site: Int) {
    baseSites.append(Int32(site + 1))
    migrations.append(base.migrations.joined(separator: "\n"))
    images.append(base.image)
  }

  /// As `site_log` has it.
  static func bytes(of patch: ShippedPatch) -> [UInt8] {
    let tip = UInt64(bitPattern: patch.tip)
    let head = (0..<8).map { UInt8(truncatingIfNeeded: tip >> (8 * UInt64(7 - $0))) }
    return head + (patch.bytes.map { [1] + $0 } ?? [0])
  }

  /// Any bytes; those that no bridge writes do not fit into the chain.
  static func patch(_ bytes: [UInt8]) -> ShippedPatch {
    let tip = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let isWhole = bytes.count > 8 && bytes[8] == 1
    return ShippedPatch(tip: Int64(bitPattern: tip), bytes: isWhole ? Array(bytes.dropFirst(9)) : nil)
  }

  /// What `ship_v2` has besides.
  var stateParameters: [PostgresParameter] {
    [
      patchSites.parameter, patchSeqs.parameter, patches.parameter, baseSites.parameter,
      migrations.parameter, images.parameter,
    ]
  }

  /// In the order of `ship_v1`.
  var parameters: [PostgresParameter] {
    let counters: [Int64?] = sites.flatMap { site -> [Int64?] in
      CentralSchema.counters.indices.map { site.counters.indices.contains($0) ? site.counters[$0] : nil }
    }
    let positions: [PostgresParameter] = [
      .init(array: sites.map(\.id)), .init(array: sites.map(\.epoch)), .init(array: sites.map(\.firstSeq)),
      .init(array: sites.map(\.lastSeq)), .init(array: sites.map(\.tip)),
      .init(array: sites.map(\.newestEventMs)),
      .init(array: counters),
    ]
    let events: [PostgresParameter] = [
      eventSites.parameter, timestamps.parameter, workers.parameter, kinds.parameter, workstations.parameter,
      eventIDs.parameter, cameras.parameter, models.parameter, confidences.parameter, counts.parameter,
      accepted.parameter, received.parameter,
    ]
    return positions + events + Kind.allCases.map { .json(JSONWriter.array(rows[$0] ?? [])) }
  }
}
