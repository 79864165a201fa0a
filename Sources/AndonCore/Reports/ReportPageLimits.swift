/// How many rows of each list a printed report has: as many as fit on its sheet.
struct ReportPageLimits: Sendable, Equatable {
  /// Lines of the sheet for the hours and what is below them.
  private static let lines = 40
  /// Lines of a title with the names of the columns.
  private static let titleLines = 3

  private(set) var hours: Int
  private(set) var stops: Int
  private(set) var losses: Int
  private(set) var alerts: Int
  private(set) var gaps: Int

  init(_ report: ShiftReport) {
    self.init(
      hours: report.hours.count, stops: report.stops.count + Int(report.stopsLeftOut),
      losses: report.pareto.count, alerts: report.alerts.count, gaps: report.gaps.count)
  }

  /// - Parameters: how many there are of each. O(rows).
  init(hours: Int, stops: Int, losses: Int, alerts: Int, gaps: Int) {
    // A shift has at most a day: 25 hours, when a clock change lies in it.
    self.hours = min(hours, 25)
    let left = Self.lines - self.hours
    self.stops = Self.rows(of: stops, upTo: left)
    // The lists of the other column share it.
    var limits = [losses, alerts, gaps]
    let counts = limits
    func height(_ place: Int) -> Int {
      Self.titleLines + max(1, min(counts[place], limits[place])) + (limits[place] < counts[place] ? 1 : 0)
    }
    while limits.indices.reduce(-Self.titleLines, { $0 + height($1) }) > left {
      guard let longest = limits.indices.max(by: { height($0) < height($1) }), limits[longest] > 0 else {
        break
      }
      // Instead of the last row there is a line that counts what is left out.
      limits[longest] = min(limits[longest], counts[longest]) - (limits[longest] == counts[longest] ? 2 : 1)
      limits[longest] = max(0, limits[longest])
    }
    (self.losses, self.alerts, self.gaps) = (limits[0], limits[1], limits[2])
  }

  /// All, or one less than fit and a line that counts the others.
  private static func rows(of count: Int, upTo limit: Int) -> Int {
    count <= limit ? count : max(0, limit - 1)
  }
}
