/// The bytes of a summary, about 25 for a quiet bucket. The same set of events gives the same bytes.
///
/// `version, time-out, first, length, flags, camera, workstations (number, units, last), last state, runs (gap,
/// length, code)`: varints, times relative to the bucket's start, workstations sorted by number. A run's code is
/// its state in the low two bits and its workstation above.
extension TimelineSummary {
  static let codingVersion: UInt8 = 2

  /// - Parameter originMs: the bucket's start, at or before the first event.
  public func encoded(originMs: Int64) -> [UInt8] {
    precondition(!isEmpty && firstMs >= originMs, "only events of the bucket are in its summary")
    var writer = VarintWriter()
    writer.append(byte: Self.codingVersion)
    writer.append(timeoutMs)
    writer.append(firstMs - originMs)
    writer.append(lastMs - firstMs)
    writer.append(byte: startsWithRefresh ? 1 : 0)
    writer.append(Int64(lastCamera))
    let order = stations.indices.sorted { stations[$0].workstation < stations[$1].workstation }
    var places = [Int](repeating: 0, count: stations.count)
    for (place, index) in order.enumerated() { places[index] = place }
    writer.append(Int64(order.count))
    for index in order {
      writer.append(Int64(stations[index].workstation))
      writer.append(stations[index].units)
      writer.append(stations[index].lastMs - firstMs)
    }
    func code(_ state: WorkerState, _ station: Int) -> Int64 {
      state == .unknown ? 3 : Int64(places[station]) << 2 | state.code
    }
    writer.append(code(lastState, lastStation))
    writer.append(Int64(runs.count))
    var previousMs = firstMs
    for run in runs {
      writer.append(run.startMs - previousMs)
      writer.append(run.endMs - run.startMs)
      writer.append(code(run.state, run.station))
      previousMs = run.endMs
    }
    return writer.bytes
  }

  /// Reads what `encoded` wrote; nil for bytes that it cannot have written.
  public init?(encoded bytes: Span<UInt8>, originMs: Int64) {
    var reader = VarintReader()
    guard reader.byte(bytes) == Self.codingVersion, let timeoutMs = reader.amount(bytes), timeoutMs > 0,
      let first = reader.amount(bytes), let length = reader.amount(bytes), let flags = reader.byte(bytes),
      let camera = reader.number(bytes), let count = reader.count(bytes),
      VarintReader.origins.contains(originMs)
    else { return nil }
    let firstMs = originMs + first
    var stations: [StationShare] = []
    for _ in 0..<count {
      guard let number = reader.number(bytes), let units = reader.amount(bytes),
        let last = reader.amount(bytes),
        last <= length
      else { return nil }
      stations.append(StationShare(workstation: number, units: units, lastMs: firstMs + last))
    }
    func place(_ code: Int64) -> (WorkerState, Int)? {
      if code == 3 { return (.unknown, -1) }
      guard let state = WorkerState(code: code & 3), code >> 2 < stations.count else { return nil }
      return (state, Int(code >> 2))
    }
    guard !stations.isEmpty, let lastCode = reader.integer(bytes), let last = place(lastCode),
      let runCount = reader.count(bytes)
    else { return nil }
    var runs: [TimelineRun] = []
    var previousMs = firstMs
    for _ in 0..<runCount {
      guard let gap = reader.amount(bytes), let runMs = reader.amount(bytes), runMs > 0,
        let code = reader.integer(bytes), let (state, station) = place(code),
        previousMs + gap + runMs <= firstMs + length
      else { return nil }
      let startMs = previousMs + gap
      runs.append(TimelineRun(startMs: startMs, endMs: startMs + runMs, state: state, station: station))
      previousMs = startMs + runMs
    }
    guard reader.isAtEnd(bytes) else { return nil }
    self.init(
      timeoutMs: timeoutMs, firstMs: firstMs, lastMs: firstMs + length, startsWithRefresh: flags & 1 == 1,
      lastCamera: camera, stations: stations, runs: runs, lastState: last.0, lastStation: last.1)
  }
}

extension WorkerState {
  /// Two bits; 3 is the inherited state.
  var code: Int64 {
    switch self {
    case .absent: 0
    case .idle: 1
    case .working: 2
    case .unknown: 3
    }
  }

  init?(code: Int64) {
    switch code {
    case 0: self = .absent
    case 1: self = .idle
    case 2: self = .working
    default: return nil
    }
  }
}
