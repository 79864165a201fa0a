extension CentralSchema {
  /// What people read. None has the id of a worker or the name of who decided, but `kpi_worker`, which only its owner may
  /// read until it is granted.
  static let views = """
    CREATE VIEW andon.kpis AS
      SELECT site_id, window_kind, start_ms, to_timestamp(start_ms / 1000.0) AS start_at, end_ms, shift_id, scope, id, rev,
        published_ms, quality, withheld, \(CentralFigure.first.map(\.name).joined(separator: ", "))
      FROM andon.kpi WHERE scope <> 'worker';

    CREATE VIEW andon.kpi_worker AS
      SELECT site_id, window_kind, start_ms, to_timestamp(start_ms / 1000.0) AS start_at, end_ms, shift_id,
        id AS worker_id, rev, published_ms, quality, \(CentralFigure.first.map(\.name).joined(separator: ", "))
      FROM andon.kpi WHERE scope = 'worker';

    CREATE VIEW andon.kpi_site AS
      SELECT site_id, window_kind, start_ms, to_timestamp(start_ms / 1000.0) AS start_at, end_ms, shift_id, rev,
        published_ms, quality, withheld, \(CentralFigure.first.map(\.name).joined(separator: ", "))
      FROM andon.kpi WHERE scope = 'site';

    CREATE VIEW andon.kpi_now AS
      -- Site and kind from the left, so that a condition on them saves the search for the others.
      SELECT h.site_id, w.kind AS window_kind, newest.start_ms, newest.start_at, newest.end_ms, newest.shift_id, newest.rev,
        newest.published_ms, newest.quality, newest.withheld,
        \(CentralFigure.first.map { "newest.\($0.name)" }.joined(separator: ", "))
      FROM andon.head h
        CROSS JOIN (VALUES ('hour'), ('shift'), ('day')) AS w (kind)
        CROSS JOIN LATERAL (
          SELECT * FROM andon.kpi_site s WHERE s.site_id = h.site_id AND s.window_kind = w.kind
          ORDER BY s.start_ms DESC LIMIT 1) AS newest;

    CREATE VIEW andon.events AS
      SELECT site_id, timestamp_ms, to_timestamp(timestamp_ms / 1000.0) AS at,
        (ARRAY['absent', 'idle', 'working', 'product_count'])[kind + 1] AS event, workstation_id, camera_id, model_version,
        confidence_ppm / 1000000.0 AS confidence, count, accepted, received_at_ms
      FROM andon.event;

    CREATE VIEW andon.alerts AS
      SELECT site_id, alert_id, occurrence_id, rev, event, page, at_ms, noted_ms, count, record ->> 'rule' AS rule,
        record ->> 'source_id' AS source_id, record ->> 'priority' AS priority, (record ->> 'severity')::int AS severity,
        record ->> 'state' AS state, record ->> 'message' AS message
      FROM andon.alert;

    CREATE VIEW andon.alert_open AS
      SELECT site_id, alert_id, model_version, rev, noted_ms, state, record ->> 'rule' AS rule,
        record ->> 'source_id' AS source_id, record ->> 'priority' AS priority, (record ->> 'severity')::int AS severity,
        (record ->> 'since_ms')::bigint AS since_ms, record ->> 'occurrence_id' AS occurrence_id,
        record ->> 'message' AS message,
        EXISTS (SELECT 1 FROM andon.alert a WHERE a.site_id = s.site_id AND a.alert_id = s.alert_id AND a.page
          AND a.occurrence_id = s.record ->> 'occurrence_id') AS paged
      FROM andon.alert_state s WHERE state IN ('unack_active', 'acked_active', 'rtn_unack', 'shelved');

    CREATE VIEW andon.gaps AS SELECT site_id, noted_at_ms, cause, from_ms, to_ms, camera_id, detail FROM andon.gap;
    CREATE VIEW andon.cameras AS
      SELECT site_id, camera_id, events, last_event_ms, last_received_ms, status FROM andon.camera;
    CREATE VIEW andon.stops AS
      SELECT site_id, workstation_id, start_ms, to_timestamp(start_ms / 1000.0) AS start_at, end_ms, duration_ms, kind,
        shift_id, reason, planned, rev
      FROM andon.stop WHERE NOT retracted;
    CREATE VIEW andon.stop_open AS SELECT * FROM andon.stops WHERE end_ms IS NULL;
    CREATE VIEW andon.targets AS
      SELECT site_id, at_ms, scope, subject, from_ms, until_ms, micro_units_per_hour / 1000000.0 AS units_per_hour,
        order_id, product
      FROM andon.target;
    CREATE VIEW andon.calendar_changes AS
      SELECT site_id, at_ms, action, from_day, to_day, line, shifts, reason FROM andon.calendar_change;
    CREATE VIEW andon.reports AS
      SELECT site_id, scope, id, start_ms, end_ms, shift_id, rev, record FROM andon.report WHERE NOT retracted;

    CREATE VIEW andon.site_now AS
      SELECT h.site_id, h.bridge_id, h.epoch, h.seq, h.taken_at, h.shipped_at,
        extract(epoch FROM now() - h.shipped_at)::numeric(12, 3) AS since_shipped_s,
        -- Where events are not sent, their cameras tell.
        greatest(h.newest_event_ms, c.newest_ms) AS newest_event_ms,
        (extract(epoch FROM now()) - greatest(h.newest_event_ms, c.newest_ms) / 1000.0)::numeric(15, 3) AS since_event_s,
        CASE WHEN h.shipped_at IS NULL THEN 'new' WHEN h.shipped_at >= now() - interval '5 minutes' THEN 'current'
          WHEN h.shipped_at >= now() - interval '2 hours' THEN 'late' ELSE 'silent' END AS state,
        g.cause AS gap_cause, g.from_ms AS gap_from_ms, g.to_ms AS gap_to_ms, h.retention_ms,
        \(counters.map { "h.\($0)" }.joined(separator: ", "))
      FROM andon.head h
        LEFT JOIN LATERAL (
          SELECT max(last_event_ms) AS newest_ms FROM andon.camera c WHERE c.site_id = h.site_id) AS c ON true
        LEFT JOIN LATERAL (
          SELECT * FROM andon.gap g WHERE g.site_id = h.site_id ORDER BY g.noted_at_ms DESC LIMIT 1) AS g ON true;

    \(comments)
    """

  /// What a tool shows of the views.
  private static let comments = [
    (
      "kpis",
      "A closed window of a site, area, line or workstation. Times are epoch milliseconds. Figures: docs/kpi.md"
    ),
    ("kpi_worker", "A closed window of a worker: personal data, granted to no role"),
    ("kpi_site", "A closed window of a site"),
    ("kpi_now", "The newest closed hour, shift and day of each site"),
    ("events", "An event, without its worker"),
    ("alerts", "The journal of alerts: a row a transition"),
    (
      "alert_open",
      "An alert that is not over, also one on the shelf. paged: somebody was called for this occurrence"
    ),
    ("gaps", "A time in which events may be missing; camera_id is empty when it is the whole site"),
    ("cameras", "A camera: its events, the newest one, its status"),
    ("stops", "A stop of a workstation. duration_ms: planned time in it, so far where end_ms is NULL"),
    ("stop_open", "A stop that has not ended"),
    ("targets", "A change of a target"),
    ("calendar_changes", "A change of the calendar"),
    ("reports", "A report of a shift"),
    (
      "site_now",
      "A site: its bridge, how far it has come, its newest gap, its counters. state by shipped_at: new (nothing arrived yet), "
        + "current (within 5 minutes), late (within 2 hours), silent"
    ),
    ("strays", "Rows outside of every partition"),
  ].map { "COMMENT ON VIEW andon.\($0) IS '\($1)';" }.joined(separator: "\n")

  /// Executed after each migration.
  static let grants = """
    REVOKE ALL ON SCHEMA andon FROM PUBLIC;
    REVOKE ALL ON ALL TABLES IN SCHEMA andon FROM PUBLIC;
    REVOKE ALL ON ALL FUNCTIONS IN SCHEMA andon FROM PUBLIC;
    GRANT USAGE ON SCHEMA andon TO andon_bridge, andon_reader;
    GRANT EXECUTE ON FUNCTION andon.about_v1, andon.take_v1, andon.resume_v1, andon.ship_v1, andon.maintain_v1,
      andon.count_v1, andon.ask_backfill_v1, andon.asked_v1, andon.answered_v1 TO andon_bridge;
    GRANT EXECUTE ON FUNCTION andon.about_v1, andon.count_v1 TO andon_reader;
    GRANT SELECT ON andon.kpis, andon.kpi_site, andon.kpi_now, andon.events, andon.alerts, andon.alert_open, andon.gaps,
      andon.cameras, andon.stops, andon.stop_open, andon.targets, andon.calendar_changes, andon.reports, andon.site_now, andon.strays
      TO andon_reader;
    -- Only where the migration has made them.
    DO $$ BEGIN
      IF to_regclass('andon.site_log') IS NOT NULL THEN
        \(patchGrants)
      END IF;
    END $$;
    """
}
