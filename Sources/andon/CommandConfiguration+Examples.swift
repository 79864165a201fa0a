import ArgumentParser

extension CommandConfiguration {
  /// A command whose help ends with examples, and whose synopsis names what must be given and no more: all options in
  /// one line would be wider than a terminal, and they stand below it anyway.
  ///
  /// - Parameters:
  ///   - usage: without `andon`, e.g. `kpi --site <site> --scope <scope> [<options>]`; nil for what the parser makes.
  ///   - examples: whole commands, each at most 78 columns a line; further lines of one are indented by four spaces.
  init(
    commandName: String? = nil, abstract: String, usage: String? = nil, discussion: String = "",
    examples: [String], shouldDisplay: Bool = true, subcommands: [any ParsableCommand.Type] = []
  ) {
    let list = examples.map { "  \($0)" }.joined(separator: "\n")
    self.init(
      commandName: commandName, abstract: abstract, usage: usage.map { "andon \($0)" },
      discussion: "\(discussion)\(discussion.isEmpty ? "" : "\n\n")Examples:\n\(list)",
      shouldDisplay: shouldDisplay, subcommands: subcommands)
  }
}
