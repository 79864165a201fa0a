import AndonAccess
import AndonConfiguration
import AndonCore
import AndonRuntime
import ArgumentParser
import Foundation

/// `andon user`
struct UserCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "The users of the HTTP listener.",
    discussion: """
      They are in the file that http.users_file names. A running bridge reads it again at SIGHUP.
      """, examples: ["andon user add anna --role lead --sites plant-a", "andon user list"],
    subcommands: [
      UserAddCommand.self, UserRemoveCommand.self, UserListCommand.self, UserTokenCommand.self,
    ])
}

/// `--config FILE`, and the users file that it names.
struct UserOptions: ParsableArguments {
  @OptionGroup var configuration: ConfigOptions

  func path() throws -> (path: String, settings: Settings) {
    let settings = try configuration.load()
    guard let path = settings.http.usersFile else {
      throw Failure("\(configuration.config) names no http.users_file; set it, e.g. to /etc/andon/users.yaml")
    }
    return (path, settings)
  }

  func change(_ body: (inout UsersFile, Settings) throws -> Void) throws {
    let (path, settings) = try path()
    try Failure.wrap {
      try UsersFile.change(path, owner: settings.bridge.dataDirectory) { try body(&$0, settings) }
    }
    Output.note("\(path) is written; a running bridge reads it at SIGHUP (systemctl reload andon)")
  }
}

/// `andon user add`
struct UserAddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a user, or change one.",
    usage: "user add <name> --role <role> --sites <sites> [<options>]",
    discussion: """
      The password is read from the terminal, or from standard input if that is no terminal: its first line.
      With --replace a user gets another role, other sites and another password; its tokens stay.
      """,
    examples: [
      "andon user add anna --role lead --sites plant-a,plant-b",
      "andon user add grafana --role viewer --sites all --no-password",
    ])

  @OptionGroup var options: UserOptions
  @Argument(help: "1 to 64 of letters, digits and ._@+-") var name: String
  @Option(name: .long, help: "viewer, lead, maintainer, operator or admin.") var role: Role
  @Option(name: .long, help: "The sites, separated by commas, or all.") var sites: String
  @Flag(name: .long, help: "No password: for a program, which uses a token.") var noPassword = false
  @Flag(name: .long, help: "Change the user if there is one of that name.") var replace = false

  func validate() throws {
    guard UserRecord.isName(name) else {
      throw ValidationError("a name is 1 to 64 of letters, digits and ._@+-")
    }
  }

  func run() throws {
    let (path, settings) = try options.path()
    let known = settings.sites.map(\.id)
    let wanted = sites == "all" ? nil : sites.split(separator: ",").map(String.init)
    for site in wanted ?? [] where !known.contains(site) {
      throw Failure(
        "there is no site \"\(site)\"; the configuration has: \(known.joined(separator: ", "))"
          + Suggestion.text(for: site, among: known))
    }
    guard wanted?.isEmpty != true else { throw Failure("--sites needs at least one site, or all") }
    // Before anything is typed.
    if !replace, FileManager.default.fileExists(atPath: path), try UsersFile.read(path)[name] != nil {
      throw Failure("there is a user \(name) already; --replace changes it")
    }
    let password =
      noPassword ? nil : try Failure.wrap { try PasswordHash(password: PasswordPrompt.read()).text }
    try options.change { file, _ in
      var user = UserRecord(name: name, role: role, sites: wanted, password: password)
      if let index = file.users.firstIndex(where: { $0.name.lowercased() == name.lowercased() }) {
        guard replace, file.users[index].name == name else {
          throw Failure("there is a user \(file.users[index].name) already; --replace changes it")
        }
        user.tokens = file.users[index].tokens
        file.users[index] = user
      } else {
        file.users.append(user)
      }
    }
  }
}

/// `andon user remove`
struct UserRemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove a user with all sessions and tokens.",
    examples: ["andon user remove anna"])

  @OptionGroup var options: UserOptions
  @Argument(help: "The user.") var name: String

  func run() throws {
    try options.change { file, _ in
      guard file[name] != nil else { throw Failure("there is no user \(name)") }
      file.users.removeAll { $0.name == name }
    }
  }
}

/// `andon user list`
struct UserListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show the users, without hashes.", examples: ["andon user list"])

  @OptionGroup var options: UserOptions

  func run() throws {
    let (path, _) = try options.path()
    let file = try Failure.wrap { try UsersFile.read(path) }
    var table = TextTable(["user", "role", "sites", "password", "tokens"])
    for user in file.users {
      table.add([
        user.name, user.role.rawValue, user.sites?.joined(separator: ", ") ?? "all",
        user.password == nil ? "no" : "yes", user.tokens.map(\.id).joined(separator: ", "),
      ])
    }
    print(table.text)
  }
}

/// `andon user token`
struct UserTokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Make a bearer token of a user for a program, or revoke one.",
    discussion: "The token is printed once; the file has its hash only.",
    examples: ["andon user token grafana --id panels", "andon user token grafana --id panels --revoke"])

  @OptionGroup var options: UserOptions
  @Argument(help: "The user.") var name: String
  @Option(name: .long, help: "A name for the token, e.g. grafana.") var id: String
  @Flag(name: .long, help: "Revoke the token of that name.") var revoke = false

  func validate() throws {
    guard Identifier.isValid(id) else { throw ValidationError("--id is 1 to 64 of [A-Za-z0-9_-]") }
  }

  func run() throws {
    let token = "andon_" + RandomToken.make()
    try options.change { file, _ in
      guard let index = file.users.firstIndex(where: { $0.name == name }) else {
        throw Failure("there is no user \(name)")
      }
      let isKnown = file.users[index].tokens.contains { $0.id == id }
      guard !revoke else {
        guard isKnown else { throw Failure("\(name) has no token \(id)") }
        file.users[index].tokens.removeAll { $0.id == id }
        return
      }
      guard !isKnown else { throw Failure("\(name) has a token \(id) already; --revoke removes it") }
      guard file.users[index].tokens.count < UserRecord.tokenLimit else {
        throw Failure("\(name) has \(UserRecord.tokenLimit) tokens already")
      }
      file.users[index].tokens.append(
        UserRecord.Token(
          id: id, digest: RandomToken.digest(token), created: CivilTime.text(epochMs: WallClock.system.nowMs))
      )
    }
    // Only when the file has it.
    if !revoke { print(token) }
  }
}

extension Role: ExpressibleByArgument {}
