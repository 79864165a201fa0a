package import AndonCore

extension SiteSettings {
  /// Makes a site from its own description and the resolved values.
  package init(
    id: String, name: String?, timeZone: String, shifts: [ShiftSettings], calendar: CalendarRules,
    workers: [String: String], workstations: [String: String], values: SettingValues
  ) {
    self.init(
      id: id, name: name, timeZone: timeZone, shifts: shifts, calendar: calendar,
      workers: workers, workstations: workstations,
      ingest: IngestSettings(
        minConfidencePpm: Int32(values.number("ingest.min_confidence")),
        stateTimeoutMs: values.number("ingest.state_timeout"), maxAgeMs: values.number("ingest.max_age"),
        maxFutureMs: values.number("ingest.max_future"), assumeUTC: values.flag("ingest.assume_utc")),
      kpi: KPISettings(
        publishIntervalMs: values.number("kpi.publish_interval"), windows: Set(values.words("kpi.windows")),
        latenessMs: values.number("kpi.lateness"), minCoveragePercent: values.number("kpi.min_coverage")),
      stops: StopSettings(
        minMs: values.number("stops.min"), askAfterMs: values.number("stops.ask_after")),
      retention: RetentionSettings(values),
      drift: DriftSettingsValues(
        window: Int(values.number("drift.window")), limitPpm: Int32(values.number("drift.limit")),
        clearLimitPpm: Int32(values.number("drift.clear_limit")), onDelayMs: values.number("drift.on_delay"),
        gapCreditMs: values.number("drift.gap_credit"), clearDelayMs: values.number("drift.clear_delay")),
      alarms: AlarmSettings(
        silentAfterMs: values.number("alerts.silent_after"),
        staleAfterMs: values.number("alerts.stale_after"),
        reannounceAfterMs: values.number("alerts.reannounce_after"),
        offlineDelayMs: values.number("alerts.offline_delay"),
        groupWindowMs: values.number("alerts.group_window"),
        sequenceGapAfterMs: values.number("alerts.sequence_gap_after")),
      limits: LimitSettings(
        workers: Int(values.number("limits.workers")),
        workstations: Int(values.number("limits.workstations")),
        cameras: Int(values.number("limits.cameras")),
        modelVersions: Int(values.number("limits.model_versions")),
        batchMessages: Int(values.number("limits.batch_messages")),
        batchBytes: Int(values.number("limits.batch_bytes")),
        commitLingerMs: values.number("limits.commit_linger"),
        quarantineRows: Int(values.number("limits.quarantine_rows")),
        quarantineBytes: values.number("limits.quarantine_bytes"),
        minFreeBytes: values.number("limits.min_free_bytes")))
    privacy = PrivacySettings(values)
  }
}

extension PrivacySettings {
  fileprivate init(_ values: SettingValues) {
    self.init()
    workers = Workers(rawValue: values.text("privacy.workers")) ?? .named
    rotation = PseudonymRotation.Kind(rawValue: values.text("privacy.rotate")) ?? .shift
    minGroup = Int(values.number("privacy.min_group"))
    hasRanking = values.flag("privacy.ranking") && showsWorkers
    keyFile = values.optionalText("privacy.key_file")
  }
}
