import AndonConfiguration
import ArgumentParser

/// The answer to a command that does not exist.
enum CommandSuggestion {
  /// What is wrong with the first words of a command line; nil when they name commands, or no more than options.
  static func problem(_ words: ArraySlice<String>, _ root: any ParsableCommand.Type) -> String? {
    var command = root
    var path = [root._commandName]
    for word in words {
      let names = command.configuration.subcommands.map { $0._commandName }
      guard !names.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
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
}
