import Foundation
import TestSupport
import Testing

/// What every command says of itself: it fits a terminal, and has examples that the command understands.
@Suite(.ownThread) struct CommandHelpTests {
  /// Commands that do something without a configuration: their examples are only parsed.
  private static let withoutConfiguration: Set<String> = ["demo", "init", "documents"]

  /// The words of every command after `andon`, hidden ones too, in the order of the help.
  private func everyCommand() throws -> [[String]] {
    let dump = try Command.outputs(AndonProcess.executable, ["--experimental-dump-help"]).output
    let root = try #require(JSONSerialization.jsonObject(with: Data(dump.utf8)) as? [String: Any])
    var commands: [[String]] = []
    func walk(_ command: [String: Any], _ path: [String]) {
      commands.append(path)
      for inner in command["subcommands"] as? [[String: Any]] ?? [] {
        guard let name = inner["commandName"] as? String, name != "help" else { continue }
        walk(inner, path + [name])
      }
    }
    walk(try #require(root["command"] as? [String: Any]), [])
    return commands
  }

  private func help(_ command: [String]) throws -> String {
    let result = try Command.outputs(
      AndonProcess.executable, command + ["--help"], environment: ["COLUMNS": "80"])
    #expect(result.exitCode == 0 && result.errors.isEmpty, "\(command): \(result.errors)")
    return result.output
  }

  /// The commands of a help text, continued lines joined.
  private func examples(_ help: String) -> [String] {
    let joined = help.replacing("\\\n", with: "")
    return joined.split(separator: "\n").filter { $0.hasPrefix("  andon ") }.map { String($0.dropFirst(2)) }
  }

  @Test func helpIsAsItWasAndFitsATerminal() throws {
    var text = ""
    let commands = try everyCommand()
    #expect(commands.count > 45)
    for command in commands {
      let help = try help(command)
      for line in help.split(separator: "\n") { #expect(line.count <= 80, "\(command): \(line)") }
      text += "$ andon \((command + ["--help"]).joined(separator: " "))\n\(help)\n"
    }
    try Golden.expect(text, "help")
  }

  @Test func everyCommandHasExamplesThatItUnderstands() throws {
    let folder = try TemporaryFolder.make("examples")
    defer { try? FileManager.default.removeItem(at: folder) }
    for command in try everyCommand() {
      let examples = examples(try help(command))
      #expect(!examples.isEmpty, "\(command)")
      let own = "andon " + command.joined(separator: " ")
      for example in examples {
        #expect((example + " ").hasPrefix(own.hasSuffix(" ") ? own : own + " "), "\(command): \(example)")
        let name = String(example.split(separator: " ")[1])
        let isOnlyParsed = Self.withoutConfiguration.contains(name)
        // The shell of a reader: quotes, redirections. The configuration is missing, so that nothing is done.
        let result = try Command.outputs(
          "/bin/sh",
          [
            "-c", "cd \"$0\" && andon() { \"$ANDON\" \"$@\" </dev/null; } && eval \"$1\"", folder.path,
            example + (isOnlyParsed ? " unexpected-word" : ""),
          ], environment: ["ANDON": AndonProcess.executable, "ANDON_CONFIG": folder.path + "/missing.yaml"])
        if isOnlyParsed {
          #expect(result.errors.contains("Unexpected argument 'unexpected-word'"), "\(example): \(result)")
        } else {
          #expect(result.exitCode == 1, "\(example): \(result)")
        }
      }
    }
  }

  @Test(arguments: [
    (["kpi", "--sit", "plant-a"], "\"andon kpi\" has no option --sit; did you mean --site?"),
    (["stops", "--form", "-2h"], "has no option --form; did you mean --from?"),
    (["kpi", "--site=plant-a", "--windoe=day"], "did you mean --window?"),
    (["--versoin"], "\"andon\" has no option --versoin; did you mean --version?"),
    (["store", "--xyzzy"], "See 'andon store --help' for all of them."),
    (["kpi", "--site", "plant-a", "--scope", "lin"], "'line'"),
  ])
  func aMisspeltOptionIsNamed(words: [String], answer: String) throws {
    let result = try Command.outputs(AndonProcess.executable, words)
    #expect(result.exitCode == 64 && result.errors.contains(answer), "\(result)")
  }

  @Test func aMisspeltSiteIsNamed() throws {
    let site = try CommandSite()
    let result = try Command.outputs(
      AndonProcess.executable,
      ["kpi", "--config", site.config, "--site", "plant-b", "--scope", "site", "--window", "day"])
    #expect(
      result.errors.hasSuffix(
        "there is no site \"plant-b\" in \(site.config); it has: plant-a; did you mean plant-a?\n"),
      "\(result)")
  }
}
