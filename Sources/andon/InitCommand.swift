import AndonCheck
import AndonConfiguration
import AndonCore
import ArgumentParser
import Foundation

/// `andon init`
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write a first configuration, and try the broker with it.",
    discussion: """
      Without --site it asks, on a terminal. The file has one site and explains every section. Secrets stand in files \
      beside it, for their owner alone to read: a token for the dashboard, and the broker's password if it was typed in. \
      A file that is there is only replaced with --force, and kept as FILE~.

      Then it asks the broker what andon check asks: exit status 1 when there is an error, with the line to change. The \
      file stays.
      """,
    examples: [
      "andon init",
      "andon init --site plant-a --broker mqtt://10.0.0.5 \\\n    --shifts early=06:00-14:00,late=14:00-22:00 --workstations S1,S2",
      "andon init --site plant-a --camera-topic frigate/events --offline",
    ])

  @Option(name: .long, help: ArgumentHelp("The file to write.", valueName: "FILE")) var output = "andon.yaml"
  @Option(name: .long, help: "The site's id, part of every topic.") var site: String?
  @Option(name: .long, help: "The site's name for people; its id unless given.") var name: String?
  @Option(name: .long, help: ArgumentHelp("IANA name; this machine's unless given.", valueName: "ZONE"))
  var timezone: String?
  @Option(
    name: .long,
    help: ArgumentHelp(
      "mqtt://host:port or mqtts://host:port; mqtt://127.0.0.1:1883 unless given.", valueName: "URL"))
  var broker: String?
  @Option(name: .long, help: "The bridge's user at the broker.") var user: String?
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The user's password; without it the password is read from the terminal, or from standard input.",
      valueName: "FILE"))
  var passwordFile: String?
  @Option(
    name: .long,
    help: ArgumentHelp("Who signed the broker's certificate (PEM), with mqtts.", valueName: "FILE"))
  var caFile: String?
  @Option(
    name: .long,
    help: ArgumentHelp(
      "A topic that a camera sends to: it gives topics.root and the site, or the ready profile that reads it.",
      valueName: "TOPIC"))
  var cameraTopic: String?
  @Option(name: .long, help: "As early=06:00-14:00,late=14:00-22:00.") var shifts: String?
  @Option(name: .long, help: "Those of the first line, separated by commas.") var workstations: String?
  @Option(name: .long, help: "Units an hour of the first line.") var target: String?
  @Option(
    name: .long,
    help: ArgumentHelp("Where events are stored; data beside the file unless given.", valueName: "FOLDER"))
  var dataDir: String?
  @Option(
    name: .long,
    help: ArgumentHelp("Where the dashboard answers; 127.0.0.1:8080 unless given.", valueName: "HOST:PORT"))
  var listen: String?
  @Flag(name: .long, help: "Ask no broker.") var offline = false
  @Flag(name: .long, help: "Replace a file that is there.") var force = false

  func run() throws {
    let files = InitFiles(output: output)
    if !force, FileManager.default.fileExists(atPath: output) {
      throw Failure("\(output) is there already; --force replaces it and keeps it as \(output)~")
    }
    var answers = answers(files)
    if answers.site.isEmpty {
      guard isatty(0) == 1 else {
        throw ValidationError("give --site: without a terminal nothing is asked for")
      }
      var questions = InitQuestions(answers: answers)
      try questions.ask()
      answers = questions.answers
    }
    let problems = answers.problems()
    guard problems.isEmpty else { throw ValidationError(problems.joined(separator: "\n")) }
    let password = try password(&answers, files)
    try files.write(InitText(answers).yaml)
    print(
      "wrote \(output): site \(answers.site), \(answers.timeZone)\(timezone == nil ? " (--timezone for another)" : "")"
    )
    let errors = offline ? 0 : try check(password)
    Output.note(next(answers))
    if errors > 0 {
      let count = errors == 1 ? "one error" : "\(errors) errors"
      throw Failure(
        "\(output) is written, and the broker has \(count): correct it, then andon check --config \(output)")
    }
  }

  static func absolute(_ path: String) -> String {
    path.isEmpty ? "" : URL(fileURLWithPath: path).standardizedFileURL.path
  }

  /// What the options say, and the usual values.
  private func answers(_ files: InitFiles) -> InitAnswers {
    var answers = InitAnswers()
    let own = InitAnswers.ownTopic(cameraTopic ?? "")
    answers.site = site ?? own.flatMap { $0.site.contains("+") ? nil : $0.site } ?? ""
    answers.name = name ?? ""
    answers.timeZone = timezone ?? answers.timeZone
    answers.broker = broker ?? answers.broker
    answers.user = user ?? ""
    answers.passwordFile = Self.absolute(passwordFile ?? "")
    answers.authority = Self.absolute(caFile ?? "")
    answers.cameraTopic = cameraTopic ?? ""
    answers.shifts = shifts ?? ""
    answers.workstations = workstations ?? ""
    answers.target = target ?? ""
    answers.listen = listen ?? answers.listen
    answers.dataFolder = dataDir.map(Self.absolute) ?? files.dataFolder
    answers.tokenFile = files.tokenPath
    return answers
  }

  /// The broker's password: of the file that is given, or typed in and kept in a file of its own.
  private func password(_ answers: inout InitAnswers, _ files: InitFiles) throws -> String? {
    guard !answers.user.isEmpty else { return nil }
    if !answers.passwordFile.isEmpty {
      return try Failure.wrap { try SecretFile.read(answers.passwordFile, for: "--password-file") }
    }
    let password = try PasswordPrompt.known("Password of \(answers.user) at the broker: ")
    guard !password.isEmpty else { throw Failure("the password is empty; nothing is written") }
    answers.passwordFile = try files.keep(password: password, replace: force)
    return password
  }

  /// Prints what `andon check` says of the broker, and returns the number of errors.
  private func check(_ password: String?) throws -> Int {
    let environment = ProcessInfo.processInfo.environment
    let settings = try ConfigOptions.load(output)
    var plan = BrokerCheck.Plan()
    (plan.listenSeconds, plan.queue) = (2, 200)
    let known = try Failure.wrap { try password ?? settings.broker.readPassword(environment: environment) }
    let findings =
      EnvironmentCheck(environment).run() + BrokerCheck(settings, password: known, plan: plan).run()
    let text = FindingText(places: SettingPlaces(file: output, environment: environment))
    findings.forEach { print(text.line($0)) }
    return findings.count { $0.level == .error }
  }

  private func next(_ answers: InitAnswers) -> String {
    let own = answers.cameraTopic.isEmpty || InitAnswers.ownTopic(answers.cameraTopic) != nil
    let topic =
      own ? "\(answers.root)/\(answers.site)/camera/\(answers.camera ?? "CAMERA")/event" : answers.cameraTopic
    return """
      Cameras send to \(topic), with QoS 1.
      Next: andon run --config \(output)
      """
  }
}
