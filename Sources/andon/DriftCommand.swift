import AndonCore
import AndonService
import ArgumentParser

/// `andon drift`
struct DriftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift", abstract: "Model drift per camera and model version, recomputed from the store.",
    discussion: "Also while the bridge runs. --as-of looks at the events before that instant only.")

  @OptionGroup var options: SiteOptions
  @Option(name: .long, help: "Only this camera.") var camera: String?
  @Option(name: .long, help: "Take this as the present.") var asOf: Instant?
  @Flag(name: .long, help: "Print JSON instead of a table.") var json = false

  func run() throws {
    let (site, store) = try options.openStore()
    let nowMs = Instant.orNow(asOf)
    let rules = try Failure.wrap {
      // A sample from the near future (a fast camera clock) counts as soon as it is stored.
      try store.recomputedDrift(
        settings: DriftSettings(site.drift), toMs: asOf == nil ? .max : nowMs)
    }
    let records = rules.filter { camera == nil || $0.0.cameraID == camera }
      .map { AlertRecord(site: site, key: $0.0, rule: $0.1, nowMs: nowMs) }
    if json {
      Output.writeLine(StatusDocument.array(records.map { $0.json() }))
      return
    }
    var table = TextTable(["camera", "model", "state", "samples", "mean", "limit"])
    for record in records {
      table.add([
        record.sourceID, record.modelVersion.isEmpty ? "–" : record.modelVersion, record.state.rawValue,
        "\(record.samples)", record.meanPpm.map { percent(Int64($0)) } ?? "–",
        percent(Int64(site.drift.limitPpm)),
      ])
    }
    print(table.text)
  }

  /// Millionths as a percentage with one digit, rounded down.
  private func percent(_ ppm: Int64) -> String { "\(ppm / 10_000).\(ppm / 1000 % 10) %" }
}
