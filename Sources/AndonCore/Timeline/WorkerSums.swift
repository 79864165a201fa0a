/// What a worker's summary of a bucket adds to a window that contains the whole bucket: numbers only.
///
/// Before the first state that is set in the bucket, time belongs to the state from before it, if there was one.
package struct WorkerSums: Sendable, Hashable {
  /// 0 for units without a worker, which have units and times only.
  package var worker: Int32
  /// The first event, milliseconds since the bucket's start, and the last one since the first.
  var firstOffset: UInt32
  var lengthMs: UInt32
  var workingMs: UInt32 = 0
  var idleMs: UInt32 = 0
  var absentMs: UInt32 = 0
  /// Before a state is set: with signs of life, and without.
  var inheritedMs: UInt32 = 0
  var inheritedGapMs: UInt32 = 0
  var units: Int64
  var startsWithRefresh: Bool
  /// The last state that was set; `unknown` when none was, then without a workstation.
  var lastState: WorkerState
  var lastStation: Int32 = 0
  var lastCamera: Int32

  package init(worker: Int32, _ summary: TimelineSummary, originMs: Int64) {
    self.worker = worker
    firstOffset = UInt32(clamping: summary.firstMs - originMs)
    lengthMs = UInt32(clamping: summary.lastMs - summary.firstMs)
    units = summary.stations.reduce(0) { $0 + $1.units }
    (startsWithRefresh, lastState) = (summary.startsWithRefresh, summary.lastState)
    lastCamera = summary.lastCamera
    if summary.lastStation >= 0 { lastStation = summary.stations[summary.lastStation].workstation }
    var (previousMs, isSet) = (summary.firstMs, false)
    for run in summary.runs {
      if !isSet { inheritedGapMs += UInt32(clamping: run.startMs - previousMs) }
      let runMs = UInt32(clamping: run.endMs - run.startMs)
      switch run.state {
      case .working: workingMs += runMs
      case .idle: idleMs += runMs
      case .absent: absentMs += runMs
      case .unknown: inheritedMs += runMs
      }
      isSet = isSet || run.state != .unknown
      previousMs = run.endMs
    }
    if !isSet { inheritedGapMs += UInt32(clamping: summary.lastMs - previousMs) }
  }

  /// Time without signs of life after a state was set.
  var gapMs: Int64 {
    Int64(lengthMs) - Int64(workingMs) - Int64(idleMs) - Int64(absentMs) - Int64(inheritedMs)
      - Int64(inheritedGapMs)
  }

  /// Whether it can be of a bucket.
  var isPossible: Bool {
    Int64(firstOffset) + Int64(lengthMs) < SummaryBucket.lengthMs && gapMs >= 0 && units >= 0
      && units <= VarintReader.largestAmount
  }

  // MARK: Bytes

  private static let recordBytes = 48

  /// Appends a record of fixed length: numbers of 32 bits, little-endian, for reading thousands in one go.
  package func append(to bytes: inout [UInt8]) {
    let flags = (startsWithRefresh ? 4 : 0) | UInt32(lastState.code)
    let words = [
      UInt32(bitPattern: worker), firstOffset << 3 | flags, lengthMs, workingMs, idleMs, absentMs,
      inheritedMs,
      inheritedGapMs, UInt32(truncatingIfNeeded: units), UInt32(truncatingIfNeeded: units >> 32),
      UInt32(bitPattern: lastStation), UInt32(bitPattern: lastCamera),
    ]
    for word in words {
      for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
  }

  /// The number of records; nil for bytes that `append` cannot have written.
  package static func count(_ bytes: Span<UInt8>) -> Int? {
    bytes.count.isMultiple(of: recordBytes) ? bytes.count / recordBytes : nil
  }

  /// The record at a place below `count`.
  package init(_ bytes: Span<UInt8>, at place: Int) {
    let raw = unsafe bytes.extracting(place * Self.recordBytes..<(place + 1) * Self.recordBytes).bytes
    func word(_ index: Int) -> UInt32 {
      UInt32(littleEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
    }
    worker = Int32(bitPattern: word(0))
    let head = word(1)
    (firstOffset, startsWithRefresh) = (head >> 3, head & 4 != 0)
    lastState = WorkerState(code: Int64(head & 3)) ?? .unknown
    (lengthMs, workingMs, idleMs, absentMs) = (word(2), word(3), word(4), word(5))
    (inheritedMs, inheritedGapMs) = (word(6), word(7))
    units = Int64(bitPattern: UInt64(word(9)) << 32 | UInt64(word(8)))
    (lastStation, lastCamera) = (Int32(bitPattern: word(10)), Int32(bitPattern: word(11)))
  }
}
