import AndonCore
import Foundation
import TestSupport
import Testing

/// Shift instances equal those of a generator that knows nothing but the wall clock's reading in each minute.
@Suite struct ShiftInstancesTests {
  private static let days = 730
  private static let firstDay = 17_167  // 2017-01-01; São Paulo still had daylight saving time then

  /// The wall clock of one zone, minute by minute.
  private struct Clock {
    let zone: ZoneOffsets
    /// The latest reading up to each minute of UTC, minutes; it never goes back.
    private var latest: [Int] = []
    private let firstMinute: Int

    init(_ name: String) throws {
      let zone = try #require(TimeZone(identifier: name))
      firstMinute = (ShiftInstancesTests.firstDay - 3) * 1440
      var transitions: [ZoneOffsets.Transition] = []
      var before: Int?
      for hour in 0..<(ShiftInstancesTests.days + 6) * 24 {
        let minute = firstMinute + hour * 60
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(minute * 60))) / 60
        if let before, before != offset {
          transitions.append(.init(atMs: Int64(minute) * 60_000, offsetMs: Int64(offset) * 60_000))
        }
        before = offset
        for passed in 0..<60 {
          latest.append(max(latest.last ?? .min, minute + passed + offset))
        }
      }
      self.zone = ZoneOffsets(
        initialOffsetMs: Int64(latest[0] - firstMinute) * 60_000, transitions: transitions)
    }

    /// The first minute at which the clock has reached a reading: of a repeated one the first, of a skipped one
    /// the change.
    func reached(_ reading: Int) -> Int64 {
      var (low, high) = (0, latest.count)
      while low < high {
        let middle = (low + high) / 2
        if latest[middle] < reading { low = middle + 1 } else { high = middle }
      }
      return Int64(firstMinute + low) * 60_000
    }
  }

  private struct Instance: Hashable, Comparable, CustomStringConvertible {
    var start: Int64
    var end: Int64
    var id: String
    var breaks: [Range<Int64>]

    static func < (left: Self, right: Self) -> Bool {
      (left.start, left.end, left.id) < (right.start, right.end, right.id)
    }

    var description: String {
      "\(CivilTime.text(epochMs: start)) \(id) to \(CivilTime.text(epochMs: end)) \(breaks)"
    }
  }

  private struct Plan {
    var shifts: [ShiftDefinition] = []
    var closed: [ClosedRange<Int>] = []
    var opened: [Int: Set<String>] = [:]
    /// By command: what, on which days, which shifts.
    var commands: [(word: String, days: ClosedRange<Int>, shifts: Set<String>)] = []

    init(_ random: inout TestRandom) {
      for number in 0...random.below(4) {
        let (start, length) = (random.below(1440), 1 + random.below(1440))
        let days = Weekday.allCases.filter { _ in random.below(3) > 0 }
        var breaks: [BreakDefinition] = []
        if length > 120 {
          let from = random.below(length - 60)
          let to = from + 1 + random.below(length - from)
          breaks.append(
            BreakDefinition(
              start: LocalTime(minutes: (start + from) % 1440), end: LocalTime(minutes: (start + to) % 1440)))
        }
        shifts.append(
          ShiftDefinition(
            id: "s\(number)", start: LocalTime(minutes: start),
            end: LocalTime(minutes: (start + length) % 1440),
            breaks: breaks, days: Set(days)))
      }
      for _ in 0..<random.below(12) {
        let first = ShiftInstancesTests.firstDay + random.below(ShiftInstancesTests.days)
        closed.append(first...first + random.below(20))
      }
      for _ in 0..<random.below(40) {
        let day = ShiftInstancesTests.firstDay + random.below(ShiftInstancesTests.days)
        opened[day, default: []].insert("s\(random.below(4))")
      }
    }

    /// Adds commands on random days.
    mutating func command(_ random: inout TestRandom) {
      for _ in 0..<random.below(30) {
        let first = ShiftInstancesTests.firstDay + random.below(ShiftInstancesTests.days)
        let word = ["close", "open", "clear"][random.below(3)]
        let length = word == "open" ? 0 : random.below(60)
        let shifts: Set = ["s\(random.below(4))", "s\(random.below(4))"]
        commands.append((word, first...first + length, word == "open" ? shifts : []))
      }
    }

    func calendar(_ clock: Clock) -> SiteCalendar {
      func date(_ day: Int) -> LocalDate { LocalDate(dayNumber: Int64(day)) }
      return SiteCalendar(
        zone: clock.zone, shifts: shifts,
        rules: CalendarRules(
          closed: closed.map { ClosedPeriod(date($0.lowerBound)...date($0.upperBound)) },
          opened: Dictionary(uniqueKeysWithValues: opened.map { (date($0.key), $0.value) }))
      ).changed(
        by: commands.map { word, days, shifts in
          let dates = date(days.lowerBound)...date(days.upperBound)
          switch word {
          case "close": return CalendarChange(.close(reason: ""), on: dates)
          case "open": return CalendarChange(.open(shifts: shifts), on: dates)
          default: return CalendarChange(.clear, on: dates)
          }
        })
    }

    /// Written from the text of the rules.
    func instances(_ clock: Clock) -> [Instance] {
      var all: [Instance] = []
      for day in ShiftInstancesTests.firstDay - 2...ShiftInstancesTests.firstDay + ShiftInstancesTests.days {
        let weekday = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"][day % 7]
        for shift in shifts {
          let isItsDay = shift.days.contains { $0.rawValue == weekday }
          let isOpened = opened[day]?.contains(shift.id) ?? false
          var begins = isOpened || isItsDay && !closed.contains(where: { $0.contains(day) })
          let configured = begins
          for command in commands where command.days.contains(day) {
            if command.word == "close" { begins = false }
            if command.word == "clear" { begins = configured }
            if command.word == "open", command.shifts.contains(shift.id) { begins = true }
          }
          guard begins else { continue }
          let start = day * 1440 + shift.start.minutes
          func after(_ time: LocalTime) -> Int { (time.minutes - shift.start.minutes + 1440) % 1440 }
          let length = after(shift.end) == 0 ? 1440 : after(shift.end)
          let (from, to) = (clock.reached(start), clock.reached(start + length))
          let breaks = shift.breaks.map { pause in
            let end = after(pause.end) == 0 ? 1440 : after(pause.end)
            return clock.reached(start + after(pause.start))..<clock.reached(start + end)
          }
          if from < to {
            all.append(Instance(start: from, end: to, id: shift.id, breaks: breaks.filter { !$0.isEmpty }))
          }
        }
      }
      return all.sorted()
    }
  }

  @Test(.seeded, arguments: ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "America/New_York"])
  func equalTheNaiveGenerator(_ zone: String) throws {
    var random = TestRandom(seed: Seed.one)
    let clock = try Clock(zone)
    let dayMs: Int64 = 86_400_000
    let range = Int64(Self.firstDay) * dayMs..<Int64(Self.firstDay + Self.days) * dayMs
    for _ in 0..<12 {
      var plan = Plan(&random)
      if random.below(2) == 0 { plan.command(&random) }
      let calendar = plan.calendar(clock)
      let all = plan.instances(clock)
      let found = calendar.shifts(beginningIn: range).map {
        Instance(start: $0.startMs, end: $0.endMs, id: $0.shiftID ?? "", breaks: $0.breaks)
      }
      let expected = all.filter { range.contains($0.start) }
      #expect(found.sorted() == expected, "\(Set(found).symmetricDifference(expected).sorted().prefix(4))")
      for _ in 0..<8 { checkAt(range, calendar, all, &random) }
    }
  }

  /// The other questions to the calendar, at a random instant and over a random range.
  private func checkAt(
    _ range: Range<Int64>, _ calendar: SiteCalendar, _ all: [Instance], _ random: inout TestRandom
  ) {
    let hourMs: Int64 = 3_600_000
    let length = Int64(random.below(48)) * hourMs + Int64(random.below(Int(hourMs)))
    let from = range.lowerBound + Int64(random.below(Int(range.upperBound - range.lowerBound - length)))
    let asked = from..<from + length
    let current = all.filter { $0.start <= from && from < $0.end }
    let shift = calendar.window(.shift, containing: from)
    #expect(
      shift == nil
        ? current.isEmpty : current.contains { $0.start == shift?.startMs && $0.id == shift?.shiftID })
    let next = all.filter { $0.start > from }.map(\.start).min()
    if let next { #expect(calendar.shift(beginningAfter: from)?.startMs == next) }
    let ended = all.filter { asked.lowerBound < $0.end && $0.end <= asked.upperBound }
    #expect(
      calendar.windows(.shift, endingAfter: asked.lowerBound, upTo: asked.upperBound).map(\.endMs).sorted()
        == ended.map(\.end).sorted())
    // Everything lies on whole minutes, apart from the ends of the range.
    let near = all.filter { $0.start < asked.upperBound && asked.lowerBound < $0.end }
    var planned: Int64 = 0
    var minute = from - from % 60_000
    while minute < asked.upperBound {
      let isPlanned = near.contains { one in
        one.start <= minute && minute < one.end && !one.breaks.contains { $0.contains(minute) }
      }
      if isPlanned { planned += min(asked.upperBound, minute + 60_000) - max(from, minute) }
      minute += 60_000
    }
    #expect(calendar.planned(in: asked)?.durationMs(in: asked) == planned)
  }
}
