/// The keys of a site's own description. Sections that a site may override
/// (`SettingKey.siteSections`) are not listed here.
enum SiteKey {
  private static let nameForm = "1 to 100 characters, none of them a control character"

  static let all: [KeyDescription] = [
    .init(
      path: "id", form: "1 to 64 of [A-Za-z0-9_-]", isRequired: true,
      help: "The site: its topics and its file carry it. Two ids must differ in more than case."),
    .init(path: "name", form: nameForm, help: "For people."),
    .init(
      path: "timezone", form: "IANA time zone, e.g. Europe/Berlin", isRequired: true,
      help: "Hours, days and shifts follow its wall clock, summer time included."),
    .init(path: "shifts", form: "list", help: "Shifts repeat on their days and must not overlap."),
    .init(path: "shifts[].id", form: "1 to 64 of [A-Za-z0-9_-]", isRequired: true, help: "The shift."),
    .init(path: "shifts[].name", form: nameForm, help: "For people."),
    .init(
      path: "shifts[].start", form: "time of day in quotes, \"06:00\"", isRequired: true,
      help: "Its beginning, which belongs to it."),
    .init(
      path: "shifts[].end", form: "time of day in quotes, \"14:00\"", isRequired: true,
      help: "Its end, which does not belong to it; at or before the start means the next day."),
    .init(
      path: "shifts[].days", form: "list of some of mon, tue, wed, thu, fri, sat, sun",
      help: "The days on which it begins; without the key, every day."),
    .init(path: "shifts[].breaks", form: "list", help: "Pauses inside the shift; not planned time."),
    .init(
      path: "shifts[].breaks[].start", form: "time of day in quotes, \"10:00\"", isRequired: true,
      help: "The beginning of the pause."),
    .init(
      path: "shifts[].breaks[].end", form: "time of day in quotes, \"10:15\"", isRequired: true,
      help: "The end of the pause."),
    .init(
      path: "calendar", form: "section",
      help: "Dates that differ from the days of the shifts: [calendar.md](calendar.md)."),
    .init(
      path: "calendar.closed", form: "list of dates and ranges, [\"2026-12-24..2027-01-01\"]",
      help: "No shift begins on these dates of the site; both ends of a range belong to it."),
    .init(
      path: "calendar.open", form: "list", help: "Shifts that begin although their days or a closure say no."),
    .init(
      path: "calendar.open[].date", form: "date, \"2026-12-19\"", isRequired: true,
      help: "The date on which they begin."),
    .init(
      path: "calendar.open[].shifts", form: "list of shifts of the site", isRequired: true,
      help: "The shifts, of the site or of its lines."),
    .init(
      path: "calendar.holidays_file", form: "file",
      help:
        "iCalendar (RFC 5545): the dates of its all-day events are closed. Read at start and at each reload."),
    .init(
      path: "areas", form: "list",
      help: "The areas of the site and the lines in them (ISA-95): [lines.md](lines.md)."),
    .init(
      path: "areas[].id", form: "1 to 64 of [A-Za-z0-9_-]", isRequired: true,
      help: "The area; unique in the site."),
    .init(path: "areas[].name", form: nameForm, help: "For people."),
    .init(path: "areas[].lines", form: "list", help: "The lines of the area."),
    .init(
      path: "areas[].lines[].id", form: "1 to 64 of [A-Za-z0-9_-]", isRequired: true,
      help: "The line; unique in the site."),
    .init(path: "areas[].lines[].name", form: nameForm, help: "For people."),
    .init(
      path: "areas[].lines[].workstations", form: "list of workstations",
      help:
        "What the line consists of; a workstation is in one line at most. If `workstations` lists any, it must "
        + "list these."),
    .init(
      path: "areas[].lines[].cameras", form: "list of cameras",
      help: "The cameras that see the line; a camera is in one line at most."),
    .init(
      path: "areas[].lines[].shifts", form: "list",
      help:
        "Shifts of the line instead of those of the site: the same keys as `shifts[]`. `calendar` holds for "
        + "them, too."),
    .init(
      path: "targets", form: "list",
      help: "How many units are to be made: [targets.md](targets.md). Commands change it for a time."),
    .init(
      path: "targets[].scope", form: "one of workstation, line, site", isRequired: true,
      help: "What the target is for."),
    .init(
      path: "targets[].id", form: "1 to 64 of [A-Za-z0-9_-]",
      help: "The workstation or line; not needed for the site."),
    .init(
      path: "targets[].units_per_hour", form: "number, more than 0", isRequired: true,
      help: "Units in an hour of planned time; without shifts, in every hour."),
    .init(
      path: "mappings", form: "list",
      help: "Cameras that do not speak Andon's event: the keys of `mappings` below, without `site`."),
    .init(
      path: "camera_groups", form: "list",
      help: "Cameras that share something and may fail together: one alert then calls for all of them."),
    .init(
      path: "camera_groups[].id", form: "1 to 64 of [A-Za-z0-9_-]", isRequired: true,
      help: "The group; the source of its alerts. Not the id of the site, which is a group already."),
    .init(
      path: "camera_groups[].cameras", form: "list of cameras", isRequired: true,
      help: "Its cameras; a camera may be in several groups."),
    .init(
      path: "cameras", form: "section of camera ids",
      help:
        "What people know of single cameras, and their settings; at most 1000. Others are taken as they come."
    ),
    .init(path: "cameras.{id}.name", form: nameForm, help: "The camera's name for people."),
    .init(path: "cameras.{id}.place", form: nameForm, help: "Where it is mounted."),
    .init(
      path: "cameras.{id}.workstations", form: "list of workstations",
      help: "Those that it sees. If `workstations` lists any, it must list these."),
    .init(
      path: "cameras.{id}.url", form: "http or https address",
      help: "Its own page. Without user or password: everybody who sees the alert sees it."),
    .init(
      path: "cameras.{id}.snapshot_url", form: "http or https address",
      help: "An address that answers with a picture. Without user or password."),
    .init(
      path: "cameras.{id}.contact", form: nameForm,
      help:
        "Whom to ask about it. Everybody who may read the site's topics sees it: better a role or a shared telephone "
        + "than a person."),
    .init(
      path: "cameras.{id}.drift.limit", form: "fraction from 0 to 1",
      help: "Instead of `drift.limit`, for this camera; it comes before that of the model."),
    .init(
      path: "cameras.{id}.drift.clear_limit", form: "fraction from 0 to 1",
      help: "Instead of `drift.clear_limit`; without it, the distance to the limit stays that of the site."),
    .init(
      path: "models", form: "section of model versions",
      help: "Settings of model versions, as events name them."),
    .init(
      path: "models.{version}.drift.limit", form: "fraction from 0 to 1",
      help: "Instead of `drift.limit`, for this version on every camera."),
    .init(
      path: "models.{version}.drift.clear_limit", form: "fraction from 0 to 1",
      help: "Instead of `drift.clear_limit`; without it, the distance to the limit stays that of the site."),
    .init(path: "workers", form: "section of ids", help: "Optional; others are taken as they come."),
    .init(path: "workers.{id}.name", form: nameForm, help: "The worker's name for people."),
    .init(path: "workstations", form: "section of ids", help: "Optional; others are taken as they come."),
    .init(path: "workstations.{id}.name", form: nameForm, help: "The workstation's name for people."),
  ]
}
