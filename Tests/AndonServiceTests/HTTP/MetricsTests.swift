import AndonAccess
import CoreMetrics
import Metrics
import TestSupport
import Testing

@testable import AndonHTTP

@Suite(.ownThread) struct MetricsTests {
  @Test func theTextFormat() {
    let registry = PrometheusRegistry()
    registry.describe("a_total", "All of them.")
    let counter = Counter(label: "a_total", dimensions: [("site", "x\"y\\z\n")], factory: registry)
    counter.increment(by: 3)
    Counter(label: "a_total", dimensions: [("site", "x\"y\\z\n")], factory: registry).increment()
    Gauge(label: "b.c-d", factory: registry).record(0.25)
    let timer = Timer(label: "took", factory: registry)
    timer.recordNanoseconds(700_000)
    timer.recordNanoseconds(20_000_000_000)
    var text = PrometheusText()
    registry.render(into: &text)
    let lines = text.text.split(separator: "\n").map(String.init)
    #expect(lines.contains(#"a_total{site="x\"y\\z\n"} 4"#) && lines.contains("# HELP a_total All of them."))
    #expect(lines.contains("# TYPE b_c_d gauge") && lines.contains("b_c_d 0.25"))
    #expect(lines.contains("# TYPE took_seconds histogram"))
    #expect(lines.contains(#"took_seconds_bucket{le="0.0005"} 0"#))
    #expect(lines.contains(#"took_seconds_bucket{le="0.001"} 1"#))
    #expect(lines.contains(#"took_seconds_bucket{le="10.0"} 1"#))
    #expect(lines.contains(#"took_seconds_bucket{le="+Inf"} 2"#))
    #expect(lines.contains("took_seconds_sum 20.0007") && lines.contains("took_seconds_count 2"))
  }

  @Test func gzipIsRead() throws {
    let text = Array(String(repeating: "andon ", count: 5000).utf8)
    let packed = try #require(Gzip.compress(text))
    #expect(packed.prefix(3) == [0x1F, 0x8B, 8] && packed.count < text.count / 20)
    #expect(
      Gzip.isAccepted("deflate, gzip;q=0.5") && Gzip.isAccepted("*") && !Gzip.isAccepted("gzip;q=0, br"))
    #expect(!Gzip.isAccepted(nil) && !Gzip.isAccepted("x-gzip2"))
  }

  @Test func oneAnswerServesAllWhoAskTogether() async throws {
    let cache = ReplyCache()
    let asked = Metrics.Counter(label: "x", factory: PrometheusRegistry())
    _ = asked
    let count = CallCount()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<50 {
        group.addTask {
          _ = try await cache.reply(.init(uri: "k", view: Caller.sharedToken.view), nowMs: 5, forMs: 10) {
            await count.add()
            return .text("x")
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(await count.value == 1)
    _ = try await cache.reply(.init(uri: "k", view: Caller.sharedToken.view), nowMs: 15, forMs: 10) {
      await count.add()
      return .text("x")
    }
    #expect(await count.value == 2)
  }

  @Test func aFailureIsNotKept() async throws {
    let cache = ReplyCache()
    await #expect(throws: Problem.self) {
      _ = try await cache.reply(.init(uri: "k", view: Caller.sharedToken.view), nowMs: 0, forMs: 1000) {
        throw Problem.notFound("x")
      }
    }
    _ = try await cache.reply(.init(uri: "k", view: Caller.sharedToken.view), nowMs: 0, forMs: 1000) {
      .text("fine")
    }
  }
}

private actor CallCount {
  var value = 0
  func add() { value += 1 }
}
