import AndonCore
package import AndonStore

/// The outcomes of a file's events.
package struct ImportReport: Sendable {
  package private(set) var counters = OutcomeCounters()
  private var codes: [RejectionCode: Int64] = [:]

  package init() {}

  package mutating func add(_ update: SiteEngine.Update) {
    counters += update.counters
    for (_, rejection) in update.rejections { codes[rejection.code, default: 0] += 1 }
  }

  /// The codes that occurred, in the order of their definition.
  private var counted: [(code: RejectionCode, count: Int64)] {
    RejectionCode.allCases.compactMap { code in codes[code].map { (code, $0) } }
  }

  /// One JSON object: the counters, and the rejections by code.
  package var json: [UInt8] {
    var writer = JSONWriter()
    for (name, path) in OutcomeCounters.names { writer.field(name, counters[keyPath: path]) }
    var byCode = JSONWriter()
    for (code, count) in counted { byCode.field(code.rawValue, count) }
    writer.field("rejected_by_code", json: byCode.end())
    return writer.end()
  }

  /// One line for a person, e.g. `313 of 480 events were rejected (313 too_old)`.
  package var rejectedWords: String {
    let reasons = counted.map { "\($0.count) \($0.code.rawValue)" }.joined(separator: ", ")
    let verb = counters.rejected == 1 ? "was" : "were"
    return "\(counters.rejected) of \(counters.received) events \(verb) rejected (\(reasons))"
  }
}
