import AndonCore
import ArgumentParser
import Foundation

/// `andon-bench keys`
struct BenchKeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Memory and time of the drift rules for many cameras and model versions.",
    discussion: "Each key gets 16 days of samples, so that its baseline is complete; then an hour is timed.")

  @Option(name: .long, help: "Cameras.") var cameras = 1000
  @Option(name: .long, help: "Model versions on each.") var versions = 3
  @Option(name: .long, help: "Samples an hour.") var rate = 12

  func validate() throws {
    guard (1...100_000).contains(cameras), (1...100).contains(versions), (1...3600).contains(rate) else {
      throw ValidationError("give 1 to 100000 cameras, 1 to 100 versions and 1 to 3600 samples an hour")
    }
  }

  func run() throws {
    let keys = cameras * versions
    let before = Self.residentBytes()
    var detectors: [DriftDetector] = []
    detectors.reserveCapacity(keys)
    var random = BenchRandom(state: 1)
    var number = 0
    func sample(_ hour: Int, _ index: Int) -> DriftSample {
      number += 1
      return DriftSample(
        timestampMs: 1_767_225_600_000 + Int64(hour) * 3_600_000 + Int64(index) * 3_600_000 / Int64(rate),
        eventID: "", workerID: "W1", confidencePpm: 800_000 + Int32(random.next() % 150_000))
    }
    for _ in 0..<keys {
      // The hours are in the store; only the detector stays in memory.
      var series = DriftSeries(settings: DetectorSettings())
      for hour in 0..<16 * 24 { for index in 0..<rate { _ = series.apply(sample(hour, index)) } }
      guard let detector = DriftDetector(encoded: series.detector.encoded(), settings: DetectorSettings())
      else { throw ValidationError("a detector does not come back from its own bytes") }
      detectors.append(detector)
    }
    let oneDay = (0..<24).map { HourSum(hour: $0, count: 100, sum: 88_000_000) }
    let resident = Self.residentBytes() - before
    let encoded = detectors.reduce(0) { $0 + $1.encoded().count }
    let count = keys * rate
    let start = ContinuousClock.now
    for index in 0..<rate {
      for key in detectors.indices { _ = detectors[key].apply(sample(16 * 24, index)) { _ in oneDay } }
    }
    let spent = ContinuousClock.now - start
    print(
      """
      \(keys) keys (\(cameras) cameras × \(versions) versions)
      in memory     \(resident / keys) bytes a key, \(resident / 1_048_576) MiB in all
      in the store  \(encoded / keys) bytes a key
      a sample      \(spent / count), all rules, spread over all keys
      """)
  }

  private static func residentBytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * 4096
  }
}

/// A linear congruential generator: only speed matters here.
private struct BenchRandom {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
