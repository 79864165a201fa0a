import Foundation
import TestSupport
import Testing

@testable import AndonAccess
@testable import AndonConfiguration
@testable import AndonHTTP

/// Every endpoint, for every role, with one site, with all sites and without a login.
@Suite(.ownThread) struct RoleTests {
  private typealias Operation = AndonHTTP.Operation

  /// The table of docs/access.md, written here again by hand.
  private static let table: [Operation: Set<Role>] = {
    let all = Set(Role.allCases)
    let keepers: Set<Role> = [.maintainer, .operator, .admin]
    let operators: Set<Role> = [.operator, .admin]
    return [
      .status: all, .me: all, .listSites: all, .listNames: all, .listKPIs: all, .listKPISeries: all,
      .listShifts: all,
      .listStops: all, .sumStops: all, .listTimeline: all, .reportShift: all, .reportHours: all,
      .compareWindows: all,
      .listTargets: all, .listOrders: all,
      .setTarget: [.lead, .operator, .admin], .clearTarget: [.lead, .operator, .admin], .listAlerts: all,
      .listAlertHistory: all, .reportAlerts: all,
      .stream: all, .listEvents: [.lead, .admin], .listModels: keepers,
      .ackAlert: keepers, .shelveAlert: keepers, .unshelveAlert: keepers, .confirmAlert: keepers,
      .markFalseAlarm: keepers, .takeCameraOutOfService: keepers,
      .putCameraInService: keepers, .listQuarantine: operators, .metrics: operators, .closeDates: operators,
      .openShifts: operators, .clearDates: operators, .replayQuarantine: operators, .postEvents: operators,
      .giveReason: [.lead, .operator, .admin],
      .fleetStatus: all, .listFleetSites: all, .listFleetAlerts: all, .fleetHistory: all, .fleetStream: all,
      .ackFleetAlert: keepers,
      .setLogLevel: operators, .purgeQuarantine: [.admin], .eraseWorker: [.admin], .listAccessLog: [.admin],
    ]
  }()
  private static let open: Set<Operation> = [.health, .ready, .openapi, .asyncapi]

  /// What a request needs to get as far as the endpoint.
  private static let queries: [Operation: String] = [
    .listKPIs: "window=day", .listKPISeries: "from=0&to=3600000", .listShifts: "from=0&to=3600000",
    .giveReason: "workstation_id=S1&reason=x",
    .listStops: "from=0&to=3600000", .sumStops: "from=0&to=3600000", .listTimeline: "from=0&to=3600000",
    .reportAlerts: "from=0&to=3600000", .listTargets: "from=0&to=3600000", .listOrders: "from=0&to=3600000",
    .setTarget: "scope=site&units_per_hour=5", .clearTarget: "scope=site", .setLogLevel: "level=info",
    .shelveAlert: "duration_s=60",
    .takeCameraOutOfService: "reason=x", .closeDates: "from=2099-01-01&reason=x",
    .compareWindows: "weeks=1", .listAccessLog: "site={site}", .openShifts: "date=2099-01-01&shifts=early",
    .purgeQuarantine: "all=true",
    .eraseWorker: "worker_id=W7&dry_run=true",
  ]

  private static func path(_ endpoint: Endpoint, site: String) -> String {
    let path = endpoint.path + (queries[endpoint.operation].map { "?\($0)" } ?? "")
    return path.replacing("{site}", with: site).replacing("{camera}", with: "cam-01")
      .replacing("{id}", with: "\(site)%2Fdrift%2Fcam-01")
  }

  private static func ask(_ site: AccessSite, _ endpoint: Endpoint, of id: String, _ headers: String) throws
    -> String
  {
    let path = path(endpoint, site: id)
    // A stream has no end: its head is enough.
    if endpoint.operation == .stream {
      let connection = try RawHTTP(port: site.port)
      connection.send("HEAD \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(headers)\r\n")
      return connection.receive()
    }
    if endpoint.method == .get { return try site.get(path, headers) }
    return try site.post(path, headers, body: endpoint.bodySchema == nil ? "" : "{}")
  }

  @Test func everyOperationIsInTheTable() {
    #expect(Set(Self.table.keys).union(Self.open) == Set(Operation.allCases))
    #expect(Set((Endpoint.all + Endpoint.fleet).map(\.operation)) == Set(Operation.allCases))
    for operation in Operation.allCases {
      #expect((operation.need == .nothing) == Self.open.contains(operation))
    }
  }

  @Test func everyEndpointForEveryRoleAndSite() throws {
    var users: [UserRecord] = []
    for role in Role.allCases {
      users.append(try AccessSite.user("one-\(role.rawValue)", role, ["plant-a"]))
      users.append(try AccessSite.user("all-\(role.rawValue)", role))
    }
    let site = try AccessSite(users)
    for endpoint in Endpoint.all {
      let isOpen = Self.open.contains(endpoint.operation)
      let nobody = AccessSite.status(try Self.ask(site, endpoint, of: "plant-a", ""))
      #expect(isOpen ? nobody != 401 : nobody == 401, "\(endpoint.name) without a login: \(nobody)")
      for role in Role.allCases where !isOpen {
        for (name, id) in [("one", "plant-a"), ("one", "plant-b"), ("all", "plant-b")] {
          let answer = try Self.ask(site, endpoint, of: id, AccessSite.bearer("\(name)-\(role.rawValue)"))
          let status = AccessSite.status(answer)
          let what = "\(endpoint.name) of \(id) for \(name) \(role): \(status)"
          let isAllowed = Self.table[endpoint.operation]?.contains(role) == true
          if !isAllowed || (endpoint.operation == .setLogLevel && name == "one") {
            #expect(status == 403 && answer.contains(#""code":"forbidden""#), "\(what)")
          } else if Self.path(endpoint, site: id).contains(id), name == "one", id == "plant-b" {
            #expect(status == 404 && answer.contains(#""code":"unknown_site""#), "\(what)")
          } else {
            #expect(status != 401 && status != 403 && !answer.contains("unknown_site"), "\(what)")
          }
        }
      }
      let shared = AccessSite.status(
        try Self.ask(site, endpoint, of: "plant-b", "Authorization: Bearer shared-secret\r\n"))
      #expect(shared != 401 && shared != 403, "\(endpoint.name) with the shared token: \(shared)")
    }
  }

  @Test func workersAreForLeadsAndAdminsOnly() throws {
    let site = try AccessSite(try Role.allCases.map { try AccessSite.user($0.rawValue, $0) })
    let paths = [
      "/api/v1/sites/plant-a/kpi?window=day&scope=worker",
      "/api/v1/sites/plant-a/kpi/series?from=0&to=3600000&scope=worker", "/api/v1/sites/plant-a/events",
      "/api/v1/stream?type=event", "/api/v1/stream?type=kpi&scope=site,worker",
    ]
    for role in Role.allCases {
      let sees = role == .lead || role == .admin
      for path in paths {
        let connection = try RawHTTP(port: site.port)
        connection.send(
          "HEAD \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(AccessSite.bearer(role.rawValue))\r\n"
        )
        #expect(AccessSite.status(connection.receive()) == (sees ? 200 : 403), "\(role): \(path)")
      }
      let sites = try site.get("/api/v1/sites", AccessSite.bearer(role.rawValue))
      #expect(sites.contains("Mia") == sees, "the names of workers, for \(role)")
    }
  }

  /// A shared answer must not reach a caller who may see less: the second request comes within its second.
  @Test func listsShowOnlyTheSitesOfTheUser() throws {
    let site = try AccessSite([
      try AccessSite.user("all", .admin), try AccessSite.user("one", .admin, ["plant-b"]),
    ])
    for path in ["/api/v1/sites", "/status", "/metrics"] {
      let all = try site.get(path, AccessSite.bearer("all"))
      #expect(all.contains("plant-a") && all.contains("plant-b"), "\(path)")
      let one = try site.get(path, AccessSite.bearer("one"))
      #expect(!one.contains("plant-a") && one.contains("plant-b"), "\(path): \(one)")
    }
    let stream = try RawHTTP(port: site.port)
    stream.send("GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\(AccessSite.bearer("one"))\r\n")
    // The state of each site comes at least every ten seconds.
    var heard = ""
    try waitUntil("the state of the site", seconds: 60) {
      heard += stream.receive(seconds: 1)
      return heard.contains("plant-b")
    }
    #expect(!heard.contains("plant-a"))
  }

  @Test func meSaysWhoItIs() throws {
    let site = try AccessSite([try AccessSite.user("anna", .lead, ["plant-a"])])
    let me = try site.get("/api/v1/me", AccessSite.bearer("anna"))
    #expect(
      me.contains(
        #"{"user":"anna","role":"lead","sites":["plant-a"],"may":["figures","workers","targets","reasons"],"logged_in":false}"#
      ),
      "\(me)")
  }
}
