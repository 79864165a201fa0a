import AndonConfiguration
import AndonCore
import Mosquitto

/// Publishes which shift is now and which is next: `meta/calendar` of the site, `meta/calendar_line/{line}` of each
/// line that does not follow it.
struct CalendarPublication {
  private let site: String
  private let topics: TopicNames
  private let publishQueue: PublishQueue
  /// The current value of each topic.
  private var shown: [String: CalendarState] = [:]
  private var isFirst = true

  init(site: SiteSettings, topics: TopicNames, publishQueue: PublishQueue) {
    (self.site, self.topics, self.publishQueue) = (site.id, topics, publishQueue)
  }

  /// Sets what changed, and empties the topics of calendars that are gone: a site or a line without shifts says
  /// nothing any more, and a line that follows the site again has no topic of its own.
  mutating func publish(_ calendars: SiteCalendars, nowMs: Int64) {
    var due: [(topic: String, calendar: SiteCalendar)] = []
    if calendars.site.hasShifts { due.append((topics.metaCalendar(site: site), calendars.site)) }
    for line in calendars.linesOnTheirOwn {
      guard let calendar = calendars.calendar(ofLine: line.id), calendar.hasShifts else { continue }
      due.append((topics.metaCalendar(site: site, line: line.id), calendar))
    }
    for (topic, calendar) in due {
      let state = CalendarState(calendar, atMs: nowMs)
      guard state != shown[topic] else { continue }
      publishQueue.set(.json(topic, state.json, schema: "calendar/1", retain: true))
      shown[topic] = state
    }
    let current = Set(due.map(\.topic))
    var known = Set(shown.keys)
    if isFirst {
      // A reload begins with a new cycle: the one before it set these.
      known.formUnion(publishQueue.retainedTopics(prefix: topics.metaCalendar(site: site)))
      isFirst = false
    }
    let gone = known.subtracting(current).sorted()
    guard !gone.isEmpty else { return }
    publishQueue.empty(gone)
    for topic in gone { shown[topic] = nil }
  }
}
