import Foundation
import TestSupport

@testable import AndonAccess
@testable import AndonConfiguration

/// A running bridge with two sites and users, without a broker: HTTP needs none.
final class AccessSite {
  static let password = "correct horse"
  static let sites = ["plant-a", "plant-b"]

  let folder: URL
  let port: Int32
  let file: String
  let usersPath: String
  private(set) var process: AndonProcess

  /// - Parameters:
  ///   - http: Further keys below `http:`, after a comma.
  ///   - more: Further sections.
  ///   - workstations: that the sites list.
  init(_ users: [UserRecord], http: String = "", more: String = "", workstations: [String] = []) throws {
    folder = try TemporaryFolder.make("access")
    port = try Broker.freePort()
    file = folder.appending(path: "andon.yaml").path
    usersPath = folder.appending(path: "users.yaml").path
    try "shared-secret\n".write(toFile: folder.path + "/token", atomically: true, encoding: .utf8)
    try UsersFile.change(usersPath, owner: folder.path) { $0.users = users }
    let listed = workstations.map { "\($0): {name: \($0)}" }.joined(separator: ", ")
    let sites = Self.sites.map {
      "{id: \($0), timezone: UTC, workers: {W1: {name: Mia}}, workstations: {\(listed)}, shifts: [{id: early, start: '06:00', end: '14:00'}]}"
    }
    try """
    bridge: {id: b1, data_dir: \(folder.path)/data}
    broker: {url: 'mqtt://127.0.0.1:\(try Broker.freePort())'}
    http: {listen: '127.0.0.1:\(port)', rate_limit: 0, token_file: \(folder.path)/token, users_file: \(usersPath)\(http)}
    \(more)
    sites: [\(sites.joined(separator: ", "))]
    """.write(toFile: file, atomically: true, encoding: .utf8)
    process = try AndonProcess(["run", "--config", file], folder: folder)
    try waitUntil("the bridge", seconds: 60) {
      (try? RawHTTP.get(port: port, path: "/healthz").contains("200 OK")) == true
    }
    // Each site has its file.
    try waitUntil("the sites", seconds: 60) {
      try Self.sites.allSatisfy {
        try get("/api/v1/sites/\($0)/alerts", "Authorization: Bearer shared-secret\r\n").contains(" 200 ")
      }
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func get(_ path: String, _ headers: String = "") throws -> String {
    try RawHTTP.get(port: port, path: path, headers: headers)
  }

  func post(_ path: String, _ headers: String = "", body: String = "") throws -> String {
    try RawHTTP.post(port: port, path: path, body: body, headers: headers)
  }

  /// Sends the login form.
  func login(_ user: String, _ password: String, headers: String = "Sec-Fetch-Site: same-origin\r\n") throws
    -> String
  {
    let text = password.replacing(" ", with: "+")
    return try post(
      "/login", "Content-Type: application/x-www-form-urlencoded\r\n" + headers,
      body: "user=\(user)&password=\(text)")
  }

  /// A user with the test's password and the token `token-NAME`.
  static func user(_ name: String, _ role: Role, _ sites: [String]? = nil) throws -> UserRecord {
    var user = UserRecord(
      name: name, role: role, sites: sites, password: try PasswordHash(password: password, cost: .least).text)
    user.tokens = [.init(id: "test", digest: RandomToken.digest("token-\(name)"), created: "2026-11-29")]
    return user
  }

  static func bearer(_ name: String) -> String { "Authorization: Bearer token-\(name)\r\n" }

  static func status(_ answer: String) -> Int {
    Int(answer.split(separator: " ").dropFirst().first ?? "") ?? 0
  }

  /// `NAME=VALUE` of the cookie that an answer sets.
  static func cookie(_ answer: String) -> String? {
    answer.split(separator: "\r\n").first { $0.lowercased().hasPrefix("set-cookie: ") }
      .map { String($0.dropFirst(12).prefix { $0 != ";" }) }
  }
}
