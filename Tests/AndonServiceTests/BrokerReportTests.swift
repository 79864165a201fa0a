import Testing

@testable import AndonIngest

@Suite struct BrokerReportTests {
  private final class Report {
    private var report = BrokerReport()

    func uptime(_ text: String, isRetained: Bool = false) -> [Int64?] {
      let read = report.read(
        topic: IngestBatch.brokerUptimeTopic, text: text, isRetained: isRetained, nowMs: 100_000)
      return read.map { [$0.dropped, $0.startedAtMs] } ?? []
    }

    func dropped(_ text: String, isRetained: Bool = true) -> [Int64?] {
      let read = report.read(
        topic: IngestBatch.brokerDroppedTopic, text: text, isRetained: isRetained, nowMs: 100_000)
      return read.map { [$0.dropped, $0.startedAtMs] } ?? []
    }
  }

  @Test func theCountWaitsForAnUptimeThatIsNotOld() {
    let report = Report()
    #expect(report.uptime("0 seconds", isRetained: true).isEmpty)
    #expect(report.dropped("7").isEmpty)
    #expect(report.uptime("30 seconds") == [7, 70_000])
    #expect(report.uptime("40 seconds").isEmpty, "the count is judged once")
    #expect(report.dropped("8") == [8, 60_000])
  }

  /// The session keeps the subscription: a new count may come before what SUBSCRIBE asks for.
  @Test func aCountThatComesBeforeTheRetainedValuesWaitsToo() {
    let report = Report()
    #expect(report.dropped("7", isRetained: false).isEmpty)
    #expect(report.uptime("20 seconds", isRetained: true).isEmpty && report.dropped("7").isEmpty)
    #expect(report.uptime("30 seconds") == [7, 70_000])
  }

  @Test func aBrokerWithoutAnUptimeIsNotWaitedFor() {
    #expect(Report().dropped("7") == [7, nil])
  }

  @Test(arguments: ["", "x", "-1", "99999999999999999999", "1099511627777"])
  func whatIsNoCountIsIgnored(text: String) {
    #expect(Report().dropped(text).isEmpty && Report().uptime(text).isEmpty)
  }
}
