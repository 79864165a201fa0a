import AndonConfiguration
import ArgumentParser
import Foundation

/// The answer to a command or an option that does not exist.
enum CommandSuggestion {
  /// What is wrong with a command line's command or its options; nil when all of them exist. Values are not looked at.
  static func problem(_ words: ArraySlice<String>, _ root: any ParsableCommand.Type) -> String? {
    var command = root
    var path = [root._commandName]
    for (index, word) in zip(words.indices, words) {
      let names = command.configuration.subcommands.map { $0._commandName }
      guard !names.isEmpty, !word.hasPrefix("-"), word != "help" else {
        return option(words[index...], command, path)
      }
      guard let next = command.configuration.subcommands.first(where: { $0._commandName == word }) else {
        let whole = path.joined(separator: " ")
        return "there is no command \"\(whole) \(word)\"\(Suggestion.text(for: word, among: names))\n"
          + "See '\(whole) --help' for all of them."
      }
      command = next
      path.append(word)
    }
    return nil
  }

  /// Options that the parser adds to every command.
  private static let everywhere = [
    "help", "help-hidden", "version", "generate-completion-script", "experimental-dump-help",
  ]

  /// The parser would name a missing option before a misspelt one, and take the h of `--form -2h` for `-h`.
  private static func option(
    _ words: ArraySlice<String>, _ command: any ParsableCommand.Type, _ path: [String]
  ) -> String? {
    let long = words.prefix { $0 != "--" }.filter {
      $0.hasPrefix("--") && $0.dropFirst(2).first?.isLetter == true
    }
    guard !long.isEmpty else { return nil }
    let known = names(of: command) + everywhere
    for word in long {
      let name = String(word.dropFirst(2).prefix { $0 != "=" })
      guard !known.contains(name) else { continue }
      let whole = path.joined(separator: " ")
      let near = Suggestion.nearest(to: name, among: known).map { "; did you mean --\($0)?" } ?? ""
      return "\"\(whole)\" has no option --\(name)\(near)\nSee '\(whole) --help' for all of them."
    }
    return nil
  }

  /// The long names of a command's options, as the parser describes them.
  private static func names(of command: any ParsableCommand.Type) -> [String] {
    let dump = try? JSONSerialization.jsonObject(with: Data(command._dumpHelp().utf8)) as? [String: Any]
    let description = dump?["command"] as? [String: Any]
    let arguments = description?["arguments"] as? [[String: Any]] ?? []
    return arguments.flatMap { $0["names"] as? [[String: String]] ?? [] }
      .filter { $0["kind"] == "long" }.compactMap { $0["name"] }
  }
}
