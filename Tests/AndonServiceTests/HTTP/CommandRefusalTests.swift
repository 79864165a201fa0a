import TestSupport
import Testing

@testable import AndonHTTP
@testable import AndonIngest

/// How HTTP answers a command that the site refused: the same for alarms and cameras.
@Suite(.ownThread) struct CommandRefusalTests {
  @Test(arguments: [
    ("unknown_alert", 404), ("unknown_camera", 404), ("unknown_shift", 404), ("bad_request", 409),
  ])
  func `a refusal keeps its code and words`(_ code: String, _ status: Int) {
    let problem = Problem(refused: .refused(code, "why"))
    #expect(problem.status == status && problem.code == code && problem.detail == "why")
    #expect(problem.headers.isEmpty)
  }

  @Test func `a command that was not committed may be sent again in five seconds`() {
    let problem = Problem(refused: .refused("unavailable", "the site is not running, try again"))
    #expect(problem.status == 503 && problem.code == "unavailable")
    #expect(problem.headers.map(\.name) == ["Retry-After"] && problem.headers.map(\.value) == ["5"])
  }
}
