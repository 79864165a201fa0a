import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration

/// Random configurations: each loads or gives an error with the file's name, and none traps.
@Suite(.ownThread, .seeded) struct SettingsFuzzTests {
  @Test func anyConfigurationLoadsOrSaysWhy() throws {
    let environment = ProcessInfo.processInfo.environment
    let seed = Seed.one
    // Parsing YAML is slow: a hundredth of the inputs of the other fuzz tests.
    let count = environment["ANDON_FUZZ_INPUTS"].flatMap { Int($0) }.map { $0 / 100 } ?? 200
    let example = Array(try String(contentsOfFile: "config/andon.yaml", encoding: .utf8).utf8)
    let small = Array(
      "bridge: {id: b}\nbroker: {url: 'mqtt://h:1'}\nlimits: {workers: 5}\nsites: [{id: p, timezone: UTC}]\n"
        .utf8)
    let strange = Array("{}[]:,-#&*!|>'\"%@`\n\t 0159eENa~\u{0}\u{FF}".utf8)
    var random = SeededRandom(state: seed)
    func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    var loaded = 0
    let started = ContinuousClock.now
    for index in 0..<count {
      var bytes = below(8) == 0 ? example : small
      for _ in 0...below(4) {
        let place = below(bytes.count)
        switch below(4) {
        case 0: bytes[place] = strange[below(strange.count)]
        case 1: bytes.insert(strange[below(strange.count)], at: place)
        case 2: bytes.remove(at: place)
        default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 40)], at: place)
        }
      }
      do {
        let settings = try SettingsLoader.parse(
          yaml: String(decoding: bytes, as: UTF8.self), file: "fuzz.yaml", environment: [:])
        loaded += 1
        if settings.sites.isEmpty { Issue.record("seed \(seed), input \(index): no sites") }
        for site in settings.sites where settings.databasePath(site: site.id).contains("..") {
          Issue.record("seed \(seed), input \(index): \(settings.databasePath(site: site.id))")
        }
      } catch {
        if !"\(error)".contains("fuzz.yaml") { Issue.record("seed \(seed), input \(index): \(error)") }
      }
    }
    #expect(loaded > 0 && loaded < count)
    print("fuzz: configuration: \(count) inputs in \(ContinuousClock.now - started) (\(loaded) loaded)")
  }
}
