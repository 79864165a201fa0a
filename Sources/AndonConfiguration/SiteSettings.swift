package import AndonCore

/// One site, with its own values and the defaults combined.
package struct SiteSettings: Sendable, Equatable {
  package var id: String
  package var name: String?
  /// An IANA name that the system knows.
  package var timeZone: String
  package var shifts: [ShiftSettings]
  /// Closures, holidays and shifts that begin nevertheless.
  package var calendar = CalendarRules()
  /// Areas and lines.
  package var layout = SiteLayout()
  /// By line: the shifts of those that do not follow the site's.
  package var lineShifts: [String: [ShiftSettings]] = [:]
  /// Units per hour of workstations, lines and the site.
  package var targets: [TargetSubject: TargetRate] = [:]
  /// Cameras that share something and may fail together.
  package var cameraGroups: [CameraGroup] = []
  /// Limits of the drift rules that differ from the site's, by camera and by model version.
  package var cameraLimits: [String: DriftLimits.Override] = [:]
  package var modelLimits: [String: DriftLimits.Override] = [:]
  /// Display names by id; other ids are listed too.
  package var workers: [String: String]
  package var workstations: [String: String]
  /// By id.
  package var cameras: [String: CameraDescription] = [:]
  /// Where people reach the dashboard (`http.public_url`), without a slash at the end.
  package var publicURL: String?
  package var ingest: IngestSettings
  package var privacy = PrivacySettings()
  package var kpi: KPISettings
  package var stops: StopSettings
  package var retention: RetentionSettings
  package var drift: DriftSettingsValues
  package var alarms: AlarmSettings
  package var limits: LimitSettings
  /// Mappings for cameras with other formats; those that share a filter are tried in this order.
  package var mappings: [MappingRule] = []
  /// The receivers of pages, in their order, without those for other sites only.
  package var notify: [NotifyRouteSettings] = []
}

/// Wall clock minutes since midnight.
package struct ShiftSettings: Sendable, Equatable {
  package var id: String
  /// For people.
  package var name: String?
  package var startMinute: Int
  package var endMinute: Int
  package var breaks: [BreakSettings]
  /// On which it begins.
  package var days = Set(Weekday.allCases)
}

package struct BreakSettings: Sendable, Equatable {
  package var startMinute: Int
  package var endMinute: Int
}

package struct IngestSettings: Sendable, Equatable {
  package var minConfidencePpm: Int32
  package var stateTimeoutMs: Int64
  package var maxAgeMs: Int64
  package var maxFutureMs: Int64
  package var assumeUTC: Bool
}

package struct KPISettings: Sendable, Equatable {
  package var publishIntervalMs: Int64
  /// Some of `hour`, `shift`, `day`.
  package var windows: Set<String>
  package var latenessMs: Int64
  /// 0…100: figures with less coverage are uncertain.
  package var minCoveragePercent: Int64
}

package struct StopSettings: Sendable, Equatable {
  /// What lasts longer is a stop, otherwise a micro-stop.
  package var minMs: Int64
  /// A stop without a reason that lasts longer asks for one.
  package var askAfterMs: Int64
  /// Why workstations may stand, in the order of the file.
  package var reasons: [StopReason] = []
}

package struct DriftSettingsValues: Sendable, Equatable {
  package var window: Int
  package var limitPpm: Int32
  package var clearLimitPpm: Int32
  package var onDelayMs: Int64
  package var gapCreditMs: Int64
  package var clearDelayMs: Int64
}

package struct AlarmSettings: Sendable, Equatable {
  package var silentAfterMs: Int64
  package var staleAfterMs: Int64
  package var reannounceAfterMs: Int64
  package var offlineDelayMs: Int64
  /// How long a camera's alarm waits for others of its groups.
  package var groupWindowMs: Int64
  /// How long numbers of a camera may be missing before that is an alarm.
  package var sequenceGapAfterMs: Int64
}

/// The limits of memory and disk, per site.
package struct LimitSettings: Sendable, Equatable {
  package var workers: Int
  package var workstations: Int
  package var cameras: Int
  package var modelVersions: Int
  package var batchMessages: Int
  package var batchBytes: Int
  /// How long a commit waits for more messages at most; 0 for not at all.
  package var commitLingerMs: Int64
  package var quarantineRows: Int
  package var quarantineBytes: Int64
  package var minFreeBytes: Int64
}
