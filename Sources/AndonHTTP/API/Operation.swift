import AndonAccess

/// The operations of the API: the `operationId` of each endpoint. What a caller needs for it stands here, in one table,
/// and an operation without an entry does not compile.
enum Operation: String, CaseIterable, Sendable {
  case health, ready, status, metrics, setLogLevel, me
  case listSites, listNames, listKPIs, listKPISeries, listShifts
  case listStops, sumStops, giveReason, listTimeline
  case reportShift, reportHours, compareWindows
  case listTargets, setTarget, clearTarget, listOrders
  case listEvents, listModels, listQuarantine
  case listAlerts, listAlertHistory, reportAlerts
  case ackAlert, shelveAlert, unshelveAlert, confirmAlert, markFalseAlarm
  case takeCameraOutOfService, putCameraInService
  case closeDates, openShifts, clearDates
  case replayQuarantine, purgeQuarantine, eraseWorker
  case postEvents, stream
  case listAccessLog
  case openapi, asyncapi
  case fleetStatus, listFleetSites, listFleetAlerts, ackFleetAlert, fleetHistory, fleetStream

  /// What a caller needs.
  enum Need: Sendable, Hashable {
    /// Nothing: probes, and documents without data.
    case nothing
    case capability(Capability)
    /// The same, for every site: what it changes is not of one site.
    case capabilityEverywhere(Capability)
  }

  var need: Need {
    switch self {
    case .health, .ready, .openapi, .asyncapi: .nothing
    case .status, .me, .listSites, .listNames, .listKPIs, .listKPISeries, .listShifts, .listStops, .sumStops,
      .listTimeline, .reportShift, .reportHours, .compareWindows, .listTargets, .listOrders, .listAlerts,
      .listAlertHistory,
      .reportAlerts, .stream, .fleetStatus, .listFleetSites, .listFleetAlerts, .fleetHistory, .fleetStream:
      .capability(.figures)
    case .listEvents: .capability(.workers)
    case .listModels: .capability(.models)
    case .listQuarantine: .capability(.quarantine)
    case .metrics: .capability(.bridge)
    case .ackAlert, .ackFleetAlert, .shelveAlert, .unshelveAlert, .confirmAlert, .markFalseAlarm:
      .capability(.acknowledge)
    case .takeCameraOutOfService, .putCameraInService: .capability(.service)
    case .closeDates, .openShifts, .clearDates: .capability(.calendar)
    case .setTarget, .clearTarget: .capability(.targets)
    case .giveReason: .capability(.reasons)
    case .replayQuarantine: .capability(.replay)
    case .purgeQuarantine: .capability(.purge)
    case .eraseWorker: .capability(.erase)
    case .postEvents: .capability(.post)
    case .listAccessLog: .capability(.accessLog)
    case .setLogLevel: .capabilityEverywhere(.logLevel)
    }
  }

  /// Whether the answer to this request shows figures or events of single workers. It then needs `workers`, besides
  /// the quarantine, whose capability includes it.
  func showsWorkers(_ request: APIRequest) -> Bool {
    switch self {
    case .listEvents, .listQuarantine: true
    case .listKPIs, .listKPISeries, .listTimeline: request.text("scope") == "worker"
    case .stream: Self.streamShowsWorkers(request)
    case .health, .ready, .status, .metrics, .setLogLevel, .me, .listSites, .listNames, .listShifts,
      .listStops,
      .sumStops, .giveReason, .reportShift, .reportHours, .compareWindows, .listTargets, .setTarget,
      .clearTarget, .listOrders,
      .listModels, .listAlerts,
      .listAlertHistory, .reportAlerts, .ackAlert, .shelveAlert,
      .unshelveAlert, .confirmAlert, .markFalseAlarm, .takeCameraOutOfService,
      .putCameraInService, .closeDates, .openShifts, .clearDates, .replayQuarantine, .purgeQuarantine,
      .eraseWorker, .postEvents, .listAccessLog, .openapi, .asyncapi,
      .fleetStatus, .listFleetSites, .listFleetAlerts, .ackFleetAlert, .fleetHistory, .fleetStream:
      false
    }
  }

  /// Without `type` a stream has all that the caller may see.
  private static func streamShowsWorkers(_ request: APIRequest) -> Bool {
    func words(_ name: String) -> [Substring] { request.word(name).split(separator: ",") }
    let hasEvents =
      request.text("type") == nil ? request.caller.may(.workers) : words("type").contains("event")
    return hasEvents || words("scope").contains("worker")
  }
}
