import Testing

@testable import AndonCore

@Suite struct RejectedEventTextTests {
  private let context = DecodeContext(
    siteID: "s", cameraID: "c", nowMs: 1_780_000_000_000, maxAgeMs: 86_400_000, maxFutureMs: 60_000,
    assumeUTC: false)

  private func read(_ json: String) -> RejectedEventText? {
    RejectedEventText(Array(json.utf8).span, context: context)
  }

  private func kept(_ json: String, worker: String? = "P-X", event: String? = nil) -> String? {
    read(json).map { String(decoding: $0.json(workerID: worker, eventID: event), as: UTF8.self) }
  }

  @Test func onlyKnownFieldsStayAndTheWorkerIsReplaced() {
    let text = kept(
      #"{"timestamp":1780000000000,"worker_id":"MARKER","employee":"MARKER","nested":{"id":"MARKER"},"#
        + #""workstation_id":["MARKER"],"event_type":"working","confidence":2,"event_id":"MARKER-7"}"#,
      event: "E-Y")
    #expect(
      text == #"{"timestamp":1780000000000,"event_type":"working","worker_id":"P-X","workstation_id":null,"#
        + #""confidence":2,"event_id":"E-Y"}"#)
  }

  @Test func aWorkerInEscapesOrAsANumberIsReadToo() {
    #expect(read(#"{"w\u006frker_id":"\u004dARKER"}"#)?.workerID == "MARKER")
    #expect(read(#"{"worker_id":4711}"#)?.workerID == "4711")
    #expect(kept(#"{"worker_id":4711}"#) == #"{"worker_id":"P-X"}"#)
  }

  /// An id that is not valid must not become valid: a replay would store somebody who does not exist.
  @Test func anInvalidWorkerStaysInvalid() {
    #expect(read(#"{"worker_id":"Anna Muster"}"#)?.workerID == nil)
    #expect(kept(#"{"worker_id":"Anna Muster"}"#, worker: nil) == #"{"worker_id":""}"#)
    #expect(kept(#"{"worker_id":{"name":"Anna"}}"#, worker: nil) == #"{"worker_id":""}"#)
  }

  @Test(arguments: [
    "", " ", "[]", "7", #"{"a":1"#, #"{"a":1}x"#, #"{"worker_id":"A","worker_id":"B"}"#, #"{"a":1,"a":2}"#,
    #"{"worker_id":"\ud800"}"#,
  ])
  func whatIsNotOneObjectIsNotRead(json: String) { #expect(read(json) == nil) }

  @Test func unitsOfNoWorkerAreKnownAsSuch() {
    #expect(read(#"{"event_type":"product_count","event_id":"7"}"#)?.isOfNoWorker == true)
    #expect(read(#"{"event_type":"working","event_id":"7"}"#)?.isOfNoWorker == false)
    #expect(read(#"{"event_type":"product_count","worker_id":"?"}"#)?.isOfNoWorker == false)
  }
}
