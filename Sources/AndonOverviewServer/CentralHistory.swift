import AndonCentral
import AndonConfiguration
import AndonOverview
import AndonRuntime
import Mosquitto
import Synchronization

/// Answers questions about the past on a thread of its own: what the database needs, no client and no broker waits for.
final class CentralHistory: FleetHistory {
  private struct Question {
    var site: String
    var nowMs: Int64
    var askedMs: Int64
    var answer: CheckedContinuation<Result<SiteHistory, FleetHistoryError>, Never>
  }

  private static let dayMs: Int64 = 86_400_000
  /// Questions that wait at one time; further ones are refused.
  private static let limit = 64
  /// A question that waited longer is not asked any more: its client has given up.
  private static let patienceMs: Int64 = 10_000
  /// After an error the database is left alone for so long.
  private static let pauseMs: Int64 = 10_000

  private let settings: CentralSettings
  private let interrupt: CentralReader.Interrupt
  private let wakeup: Wakeup
  private let signal: StopSignal
  private let monotonic = MonotonicClock.system
  private let questions = Mutex<[Question]>([])
  /// Questions that wait to be asked.
  var waiting: Int { questions.withLock { $0.count } }

  init(_ settings: CentralSettings, interrupt: CentralReader.Interrupt, wakeup: Wakeup) {
    self.settings = settings
    self.interrupt = interrupt
    self.wakeup = wakeup
    signal = StopSignal(wakeup: wakeup)
  }

  func history(of site: String, nowMs: Int64) async throws -> SiteHistory {
    let result = await withCheckedContinuation { continuation in
      let question = Question(site: site, nowMs: nowMs, askedMs: monotonic.nowMs, answer: continuation)
      let isTaken = questions.withLock { questions in
        guard questions.count < Self.limit, !signal.raised else { return false }
        questions.append(question)
        return true
      }
      guard isTaken else {
        return continuation.resume(returning: .failure(FleetHistoryError("too many questions at one time")))
      }
      wakeup.signal()
    }
    return try result.get()
  }

  func stop() {
    signal.raise()
    interrupt.signal()
  }

  /// Blocks its thread until `stop`.
  func run() {
    var reader: CentralReader?
    var failed: (error: FleetHistoryError, untilMs: Int64)?
    while !signal.raised {
      _ = poll(socket: nil, wantsWrite: false, wakeup: wakeup, timeoutMilliseconds: 1000)
      wakeup.drain()
      while let question = questions.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
        if let failed, monotonic.nowMs < failed.untilMs {
          question.answer.resume(returning: .failure(failed.error))
        } else if signal.raised || monotonic.nowMs - question.askedMs > Self.patienceMs {
          question.answer.resume(returning: .failure(FleetHistoryError("the database took too long")))
        } else {
          let result = answer(question, &reader)
          if case .failure(let error) = result { failed = (error, monotonic.nowMs + Self.pauseMs) }
          question.answer.resume(returning: result)
        }
      }
    }
    reader?.close()
    // `history` looks at the signal under the same lock: after this none is taken any more.
    let rest = questions.withLock { questions in
      defer { questions = [] }
      return questions
    }
    for question in rest {
      question.answer.resume(returning: .failure(FleetHistoryError("the overview is ending")))
    }
  }

  private func answer(_ question: Question, _ known: inout CentralReader?) -> Result<
    SiteHistory, FleetHistoryError
  > {
    do {
      let reader = try known ?? CentralReader(settings, interrupt: interrupt)
      known = reader
      let spans = try reader.spans(of: question.site, fromMs: question.nowMs - 31 * Self.dayMs)
      var history = SiteHistory(site: question.site, nowMs: question.nowMs, readMs: question.nowMs)
      for span in spans {
        let shown = SiteHistory.Span(
          startMs: span.startMs, endMs: span.endMs, shiftID: span.shiftID, quality: span.quality,
          utilization: span.utilization, units: span.units, targetUnits: span.targetUnits)
        if span.kind == "day" { history.days.append(shown) } else { history.shifts.append(shown) }
      }
      return .success(history)
    } catch {
      return .failure(FleetHistoryError("\(error)"))
    }
  }
}
