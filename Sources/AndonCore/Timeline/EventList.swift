/// One worker's events in one bucket, in timeline order: what its summary is made of, and where the rows are.
///
/// Stored it takes about three bytes an event, in memory sixteen. Workstations and cameras are their numbers in the
/// file.
package struct EventList: Sendable, Equatable {
  package struct Entry: BucketEntry {
    /// Milliseconds since the bucket's start.
    package var offset: UInt32
    package var workstation: Int32
    package var camera: Int32
    /// Units above the lowest three bits: accepted, and the kind.
    private var details: UInt32

    /// - Parameter count: units, 0…10 000.
    package init(
      offset: UInt32, kind: EventKind, isAccepted: Bool, count: Int32, workstation: Int32, camera: Int32
    ) {
      (self.offset, self.workstation, self.camera) = (offset, workstation, camera)
      details = UInt32(clamping: count) << 3 | (isAccepted ? 4 : 0) | UInt32(kind.rawValue)
    }

    package var kind: EventKind { EventKind(rawValue: UInt8(details & 3)) ?? .productCount }
    package var isAccepted: Bool { details & 4 != 0 }
    package var units: Int64 { Int64(details >> 3) }
    /// As it is stored, without the source.
    var code: Int64 { Int64(details & 7) | (hasCount ? 8 : 0) }
    /// Most counts are one unit.
    var hasCount: Bool { kind == .productCount && units != 1 }
    /// Workstation and camera.
    var source: UInt64 { UInt64(UInt32(bitPattern: workstation)) << 32 | UInt64(UInt32(bitPattern: camera)) }
  }

  private var list = BucketEntries<Entry>()
  private static let largestCount: Int64 = 10_000

  package init() {}

  /// - Parameter entries: in timeline order.
  package init(_ entries: [Entry]) { list = BucketEntries(entries) }

  package var entries: [Entry] { list.all }
  package var isEmpty: Bool { list.isEmpty }
  package var lastOffset: UInt32? { list.lastOffset }

  /// The times of the events, each once, in order.
  package var offsets: [UInt32] {
    var offsets: [UInt32] = []
    for chunk in list.chunks {
      for entry in chunk where entry.offset != offsets.last { offsets.append(entry.offset) }
    }
    return offsets
  }

  /// Appends an event that is newer than all others.
  package mutating func append(_ entry: Entry) { list.append(entry) }

  /// Inserts an event where no other has its time; returns whether that is so.
  package mutating func insert(_ entry: Entry) -> Bool { list.insert(entry) }

  /// Replaces the events of one time, which may be none.
  package mutating func replace(at offset: UInt32, with entries: [Entry]) {
    list.replace(at: offset, with: entries)
  }

  func forEach(_ body: (Entry) -> Void) {
    for chunk in list.chunks {
      for entry in chunk { body(entry) }
    }
  }

  /// The sources in order of appearance.
  private struct Sources {
    private(set) var all: [UInt64] = []
    private var places: [UInt64: Int64] = [:]
    /// Up to so many, which is nearly always, comparing is cheaper than hashing.
    private static let compared = 16

    mutating func place(of source: UInt64) -> Int64 {
      for place in 0..<min(all.count, Self.compared) where all[place] == source { return Int64(place) }
      if all.count > Self.compared, let place = places[source] { return place }
      all.append(source)
      if all.count > Self.compared { places[source] = Int64(all.count - 1) }
      return Int64(all.count - 1)
    }
  }

  /// The bytes for the store: the sources in order of appearance, then of each event the time since the one before,
  /// kind and source. Equal lists give equal bytes.
  package func encoded() -> [UInt8] {
    var sources = Sources()
    var body = VarintWriter(capacity: 4 * list.count)
    var (last, source, place): (UInt32, UInt64, Int64) = (0, 0, 0)
    for chunk in list.chunks {
      for entry in chunk {
        if entry.source != source {
          source = entry.source
          place = sources.place(of: source)
        }
        body.append(Int64(entry.offset - last))
        body.append(place << 4 | entry.code)
        if entry.hasCount { body.append(entry.units) }
        last = entry.offset
      }
    }
    var writer = VarintWriter()
    writer.append(Int64(sources.all.count))
    for source in sources.all {
      writer.append(Int64(source >> 32))
      writer.append(Int64(source & 0xFFFF_FFFF))
    }
    return writer.bytes + body.bytes
  }

  /// Reads what `encoded` wrote; nil for anything else.
  package init?(encoded bytes: Span<UInt8>) {
    guard let entries = Self.entries(encoded: bytes, { _ in true }) else { return nil }
    list = BucketEntries(entries)
  }

  /// The events that fit, of what `encoded` wrote; nil for anything else. One array, for reading many lists.
  package static func entries(encoded bytes: Span<UInt8>, _ fits: (Entry) -> Bool) -> [Entry]? {
    var reader = VarintReader()
    guard let count = reader.count(bytes) else { return nil }
    var sources: [(workstation: Int32, camera: Int32)] = []
    sources.reserveCapacity(count)
    for _ in 0..<count {
      guard let workstation = reader.number(bytes), let camera = reader.number(bytes) else { return nil }
      sources.append((workstation, camera))
    }
    var entries: [Entry] = []
    entries.reserveCapacity((bytes.count - reader.position) / 3 + 1)
    var last: Int64 = 0
    while !reader.isAtEnd(bytes) {
      guard let step = reader.amount(bytes), let code = reader.integer(bytes), code >> 4 < sources.count,
        last + step < SummaryBucket.lengthMs, let kind = EventKind(rawValue: UInt8(code & 3))
      else { return nil }
      last += step
      var units: Int64 = kind == .productCount ? 1 : 0
      if code & 8 != 0 {
        guard let counted = reader.amount(bytes), counted <= Self.largestCount, kind == .productCount else {
          return nil
        }
        units = counted
      }
      let source = sources[Int(code >> 4)]
      let entry = Entry(
        offset: UInt32(last), kind: kind, isAccepted: code & 4 != 0, count: Int32(units),
        workstation: source.workstation, camera: source.camera)
      if fits(entry) { entries.append(entry) }
    }
    return entries
  }
}
