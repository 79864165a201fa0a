import AndonCore
import AndonRuntime

/// The output of `andon drift --suggest`, as text and as JSON.
struct SuggestionText {
  let suggestions: [LimitSuggestion]

  var table: String {
    guard !suggestions.isEmpty else { return "no events with a confidence yet" }
    var table = TextTable([
      "camera", "model", "events", "days", "mean", "limit now", "false", "suggested", "clear", "false",
      "stricter, with false pages",
    ])
    for suggestion in suggestions { table.add(row(suggestion)) }
    return [table.text, Self.advice, snippet].joined(separator: "\n\n")
  }

  private func row(_ suggestion: LimitSuggestion) -> [String] {
    let (now, best) = (suggestion.current, suggestion.suggested)
    let model = suggestion.key.modelVersion.isEmpty ? "–" : suggestion.key.modelVersion
    let mean = suggestion.meanPpm.map { fraction($0) } ?? "–"
    var row = [suggestion.key.cameraID, model, "\(suggestion.samples)", days(suggestion), mean]
    row += [fraction(Int64(now.limitPpm)), "\(now.falsePages)"]
    if let best {
      row += [fraction(Int64(best.limitPpm)), fraction(Int64(best.clearLimitPpm)), "\(best.falsePages)"]
    } else {
      row += ["–", "–", "–"]
    }
    let stricter = suggestion.stricter.map { "\(fraction(Int64($0.limitPpm))): \($0.falsePages)" }
    return row + [stricter.joined(separator: ", ")]
  }

  private static let advice = """
    false = pages of confidence_low that the limit would have caused in the baseline, in which the model is taken to
    be well: look at `andon drift` whether it was. A limit with 0 is the highest one that would have kept quiet.
    """

  /// For the configuration: what differs from the limit of now, and has enough samples.
  private var snippet: String {
    let useful = suggestions.filter { suggestion in
      suggestion.isEnough && suggestion.suggested.map { $0.limitPpm != suggestion.current.limitPpm } ?? false
    }
    guard !useful.isEmpty else { return "no limit to change" }
    var lines = ["cameras:"]
    var cameras: Set<String> = []
    for suggestion in useful.reversed() where cameras.insert(suggestion.key.cameraID).inserted {
      guard let best = suggestion.suggested else { continue }
      lines.insert(
        "  \(suggestion.key.cameraID): {drift: {limit: \(fraction(Int64(best.limitPpm))), clear_limit: "
          + "\(fraction(Int64(best.clearLimitPpm)))}}", at: 1)
    }
    return lines.joined(separator: "\n")
  }

  private func days(_ suggestion: LimitSuggestion) -> String {
    guard let fromMs = suggestion.fromMs, let toMs = suggestion.toMs else { return "0.0" }
    let tenths = (toMs - fromMs) / 8_640_000
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// Millionths with two decimals, rounded down.
  private func fraction(_ ppm: Int64) -> String {
    let places = ppm / 10_000 % 100
    return "\(ppm / 1_000_000).\(places < 10 ? "0" : "")\(places)"
  }

  // MARK: JSON

  var json: [UInt8] { JSONWriter.array(suggestions.map(object)) }

  private func object(_ suggestion: LimitSuggestion) -> [UInt8] {
    var writer = JSONWriter()
    writer.field("camera_id", suggestion.key.cameraID)
    writer.field("model_version", suggestion.key.modelVersion)
    writer.field("events", suggestion.samples)
    if let fromMs = suggestion.fromMs { writer.field("from_ms", fromMs) }
    if let toMs = suggestion.toMs { writer.field("to_ms", toMs) }
    if let mean = suggestion.meanPpm { writer.field("mean", scaled: mean / 100, digits: 4) }
    writer.field("is_enough", suggestion.isEnough)
    writer.field("current", json: choice(suggestion.current))
    if let best = suggestion.suggested { writer.field("suggested", json: choice(best)) }
    writer.field("stricter", json: JSONWriter.array(suggestion.stricter.map(choice)))
    return writer.end()
  }

  private func choice(_ choice: LimitSuggestion.Choice) -> [UInt8] {
    var writer = JSONWriter()
    writer.field("limit", scaled: Int64(choice.limitPpm) / 100, digits: 4)
    writer.field("clear_limit", scaled: Int64(choice.clearLimitPpm) / 100, digits: 4)
    writer.field("false_pages", choice.falsePages)
    return writer.end()
  }
}
