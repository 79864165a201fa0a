import AndonCentral
import AndonConfiguration
import Mosquitto
import TestSupport
import Testing

@testable import AndonOverview
@testable import AndonOverviewServer

@Suite struct CentralHistoryTests {
  /// A question that is taken while the thread ends must not wait for ever.
  @Test func fault267_everyQuestionIsAnsweredAtTheEnd() async throws {
    var settings = CentralSettings()
    settings.url = "postgresql://andon_reader@127.0.0.1:1/none"
    let history = CentralHistory(settings, interrupt: try CentralReader.Interrupt(), wakeup: try Wakeup())
    let asked = Task { try await history.history(of: "plant-a", nowMs: 0) }
    try await eventually("the question") { history.waiting == 1 }
    history.stop()
    history.run()
    await #expect(throws: FleetHistoryError.self) { try await asked.value }
    await #expect(throws: FleetHistoryError.self) { try await history.history(of: "plant-a", nowMs: 0) }
  }
}
