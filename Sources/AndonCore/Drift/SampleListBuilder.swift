/// Makes the list of a camera and model version of events that come in order of time.
package struct SampleListBuilder {
  private let bucketMs: Int64
  private var list = SampleList()
  private var waiting: [(sample: DriftSample, isAccepted: Bool)] = []
  private var waitingOthers = 0
  private var waitingMs = Int64.min

  package init(bucketMs: Int64) { self.bucketMs = bucketMs }

  package mutating func add(_ event: Event, isAccepted: Bool) {
    if event.timestampMs != waitingMs { appendWaiting() }
    waitingMs = event.timestampMs
    if let sample = DriftSample(event) { waiting.append((sample, isAccepted)) } else { waitingOthers += 1 }
  }

  package mutating func finish() -> SampleList {
    appendWaiting()
    return list
  }

  /// Events of one time in the order of the rules; those without a confidence come last.
  private mutating func appendWaiting() {
    guard !waiting.isEmpty || waitingOthers > 0 else { return }
    let offset = UInt32(waitingMs - bucketMs)
    if waiting.count > 1 { waiting.sort { $0.sample < $1.sample } }
    for (sample, isAccepted) in waiting {
      list.append(
        SampleList.Entry(offset: offset, confidencePpm: sample.confidencePpm, isAccepted: isAccepted))
    }
    for _ in 0..<waitingOthers { list.append(SampleList.Entry(offset: offset, confidencePpm: nil)) }
    waiting.removeAll(keepingCapacity: true)
    waitingOthers = 0
  }
}
