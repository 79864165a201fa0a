/// The sums over the workstations of a line or an area in a window: the input of its record.
struct LineFigures {
  /// As configured, with or without events.
  private(set) var workstations: Int64 = 0
  private(set) var stations: [String] = []
  private(set) var workingMs: Int64 = 0
  private(set) var occupiedMs: Int64 = 0
  private(set) var laborMs: Int64 = 0
  private(set) var workingInPlanMs: Int64 = 0
  private(set) var units: Int64 = 0
  private(set) var workersPresent: Int64 = 0
  private(set) var lastEventMs: Int64?
  private(set) var workers: Set<Int32> = []
  /// Planned time of all workstations; nil without shifts.
  private(set) var plannedMs: Int64?

  init() {}

  /// - Parameters:
  ///   - plannedMs: of the line; nil without shifts.
  ///   - figures: by workstation; one that is not in there, or not listed, had no event and no worker.
  init(_ line: SiteLayout.Line, plannedMs: Int64?, _ figures: [String: WorkstationFigures]) {
    workstations = Int64(line.workstations.count)
    stations = line.workstations
    self.plannedMs = plannedMs.map { $0 * workstations }
    for id in line.workstations {
      guard let station = figures[id], station.isListed else { continue }
      workingMs += station.workingMs
      occupiedMs += station.occupiedMs
      laborMs += station.laborMs
      workingInPlanMs += station.workingInPlanMs
      units += station.units
      // A worker is in one place at a time: those of several workstations are distinct.
      workersPresent += station.workersPresent
      workers.formUnion(station.workers)
      if let atMs = station.lastEventMs { lastEventMs = max(lastEventMs ?? atMs, atMs) }
    }
  }

  static func += (area: inout LineFigures, line: LineFigures) {
    area.workstations += line.workstations
    area.stations += line.stations
    area.workingMs += line.workingMs
    area.occupiedMs += line.occupiedMs
    area.laborMs += line.laborMs
    area.workingInPlanMs += line.workingInPlanMs
    area.units += line.units
    area.workersPresent += line.workersPresent
    area.workers.formUnion(line.workers)
    if let atMs = line.lastEventMs { area.lastEventMs = max(area.lastEventMs ?? atMs, atMs) }
    if let plannedMs = line.plannedMs { area.plannedMs = (area.plannedMs ?? 0) + plannedMs }
  }
}
