import AndonCore
import AndonRuntime
import ArgumentParser
import Foundation

/// `andon-bench drift`
struct BenchDriftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift", abstract: "False alarms and delays of the drift rules on synthetic cameras.",
    discussion: """
      Seeded: the same options print the same table. Each camera has 7 days of baseline and 30 days that count,
      with the trouble beginning on day 10 to 13 of them. Two minutes with the defaults on two cores.
      """)

  @Option(name: .long, help: "Cameras for each scenario and rate.") var cameras = 100
  @Option(name: .long, help: "The seed.") var seed: UInt64 = 1
  @Option(name: .long, parsing: .upToNextOption, help: "Events an hour.") var rates: [Double] = [360, 30, 2]
  @Option(name: .long, help: "The mean of an occluded camera.") var occluded = 0.5
  @Option(name: .long, help: "Only scenarios whose name begins so.") var scenario = ""
  @Flag(name: .long, help: "Print JSON lines instead of a table.") var json = false

  func validate() throws {
    guard (1...100_000).contains(cameras), !rates.isEmpty, rates.allSatisfy({ $0 > 0 && $0 <= 36_000 }) else {
      throw ValidationError("give 1 to 100000 cameras and rates above 0")
    }
  }

  func run() throws {
    var benchmark = DriftBenchmark()
    benchmark.cameras = cameras
    benchmark.seed = seed
    benchmark.occluded = occluded
    for rate in rates {
      var table = TextTable(["scenario", "rule", "false/camera-month", "found", "median delay"])
      for scenario in DriftScenario.allCases where scenario.rawValue.hasPrefix(self.scenario) {
        let outcomes = benchmark.run(scenario, ratePerHour: rate)
        for outcome in outcomes {
          if json { print(Self.line(outcome)) } else { table.add(Self.row(outcome)) }
        }
      }
      if !json {
        print("\(Self.number(rate, 0)) events an hour, \(cameras) cameras, seed \(seed)\n\n\(table.text)\n")
      }
    }
  }

  private static func row(_ outcome: DriftBenchmark.Outcome) -> [String] {
    [
      outcome.scenario.rawValue, outcome.rule.rawValue + (outcome.rule.pages ? "" : " (advice)"),
      number(outcome.falsePerMonth, 3),
      outcome.scenario.isHarmless ? "–" : "\(number(100 * outcome.share, 0)) %",
      outcome.medianDelayHours.map { "\(number($0, 1)) h" } ?? "–",
    ]
  }

  private static func line(_ outcome: DriftBenchmark.Outcome) -> String {
    let delay = outcome.medianDelayHours.map { ",\"median_delay_h\":\(number($0, 2))" } ?? ""
    return """
      {"scenario":"\(outcome.scenario.rawValue)","rule":"\(outcome.rule.rawValue)",\
      "rate_per_h":\(number(outcome.ratePerHour, 1)),"cameras":\(outcome.cameras),\
      "false_per_camera_month":\(number(outcome.falsePerMonth, 4)),"found_share":\(number(outcome.share, 4))\(delay)}
      """
  }

  private static func number(_ value: Double, _ places: Int) -> String {
    String(format: "%.\(places)f", value)
  }
}
