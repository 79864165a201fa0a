import Foundation

/// Asks on the terminal for what `andon init` needs. Questions go to standard error. An answer that the configuration
/// would refuse is asked for again, with the reason; an empty one takes what stands in brackets.
struct InitQuestions {
  var answers: InitAnswers

  mutating func ask() throws {
    try ask("Site, a short id: it is part of every topic", "--site", \.site, default: "plant-a")
    try ask("Name for people", "--name", \.name, default: answers.site)
    try ask("Time zone of the plant", "--timezone", \.timeZone, default: answers.timeZone)
    try ask(
      "Broker: mqtt://host:1883, or mqtts://host:8883 with TLS", "--broker", \.broker, default: answers.broker
    )
    if answers.broker.hasPrefix("mqtts://") {
      try ask(
        "File with the certificate of the authority (empty: the system's)", "--ca-file", \.authority,
        default: "")
      answers.authority = InitCommand.absolute(answers.authority)
    }
    try ask("The bridge's user at the broker (empty: none)", "--user", \.user, default: "")
    try ask(
      "Topic that a camera sends to (empty: \(answers.root)/\(answers.site)/camera/CAMERA/event)",
      "--camera-topic",
      \.cameraTopic, default: "")
    try ask(
      "Shifts, as early=06:00-14:00,late=14:00-22:00 (empty: none)", "--shifts", \.shifts, default: "")
    try ask(
      "Workstations of the first line, as S1,S2 (empty: none)", "--workstations", \.workstations, default: "")
    if !answers.workstations.isEmpty {
      try ask("Its target, units an hour (empty: none)", "--target", \.target, default: "")
    }
  }

  private mutating func ask(
    _ question: String, _ option: String, _ member: WritableKeyPath<InitAnswers, String>,
    default usual: String
  ) throws {
    while true {
      let hint = usual.isEmpty ? "" : " [\(usual)]"
      FileHandle.standardError.write(Data("\(question)\(hint): ".utf8))
      guard let line = readLine(strippingNewline: true) else {
        throw Failure("ended; nothing is written")
      }
      let text = line.trimmingCharacters(in: .whitespaces)
      answers[keyPath: member] = text.isEmpty ? usual : text
      let problems = answers.problems().filter { $0.hasPrefix(option + ":") }
      if problems.isEmpty { return }
      for problem in problems { Output.note("  " + problem.dropFirst(option.count + 2)) }
    }
  }
}
