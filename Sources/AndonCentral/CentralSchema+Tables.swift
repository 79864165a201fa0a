extension CentralSchema {
  /// The tables. A row is stored once: its key is its identity, and a correction, with a higher `(epoch, rev)`, replaces it.
  ///
  /// `head` has one row a site: how far its log has come (`seq`, `tip`), who holds it (`epoch`, the fence), its counters.
  /// `kpi` has closed windows. `alert` is the journal, `alert_state` the newest row of each alarm. Keys begin with the site,
  /// so the rows of a site lie together; events and figures are in partitions by time.
  ///
  /// `erasure` does not name the person: HMAC-SHA-256 of the id with `salt` as the key is `digest`. The salt goes when it is done.
  static let tables = """
    CREATE TABLE andon.head (
      site_id         text   PRIMARY KEY,
      epoch           bigint NOT NULL DEFAULT 0,
      seq             bigint NOT NULL DEFAULT 0,
      tip             bigint NOT NULL DEFAULT 0,
      bridge_id       text,
      incarnation     uuid,
      taken_at        timestamptz,
      shipped_at      timestamptz,
      newest_event_ms bigint,
      retention_ms    bigint,
      \(counterDefinitions)
    ) WITH (fillfactor = 50);

    CREATE TABLE andon.kpi (
      site_id      text     NOT NULL,
      window_kind  text     NOT NULL,
      start_ms     bigint   NOT NULL,
      end_ms       bigint   NOT NULL,
      shift_id     text     NOT NULL,
      scope        text     NOT NULL,
      id           text     NOT NULL,
      epoch        bigint   NOT NULL,
      rev          bigint   NOT NULL,
      published_ms bigint   NOT NULL,
      quality      smallint NOT NULL,
      withheld     boolean  NOT NULL,
      \(CentralFigure.first.map(\.definition).joined(separator: ", ")),
      PRIMARY KEY (site_id, window_kind, start_ms, scope, id)
    ) /* in parts by start_ms */;
    -- Shifts and days of all sites: the columns that boards sum up are in the index, because their rows lie among those of
    -- workers and workstations, one or two a page. Hours are six times as many and are read of one site, or of a short time.
    CREATE INDEX kpi_of_sites ON andon.kpi (window_kind, start_ms, site_id)
      INCLUDE (shift_id, quality, working_s, idle_s, absent_s, unknown_s, timed_out_s, units, target_units, stop_s, utilization_pct)
      WHERE scope = 'site' AND window_kind <> 'hour';
    CREATE INDEX kpi_hours_of_sites ON andon.kpi (start_ms, site_id) WHERE scope = 'site' AND window_kind = 'hour';
    CREATE INDEX kpi_of_workers ON andon.kpi (site_id, start_ms) WHERE scope = 'worker';

    CREATE TABLE andon.event (
      site_id        text     NOT NULL,
      timestamp_ms   bigint   NOT NULL,
      worker_id      text     NOT NULL,
      kind           smallint NOT NULL,
      workstation_id text     NOT NULL,
      event_id       text     NOT NULL,
      camera_id      text     NOT NULL,
      model_version  text     NOT NULL,
      confidence_ppm int,
      count          int      NOT NULL,
      accepted       boolean  NOT NULL,
      received_at_ms bigint   NOT NULL,
      PRIMARY KEY (site_id, timestamp_ms, worker_id, kind, workstation_id, event_id)
    ) /* in parts by timestamp_ms */;

    CREATE TABLE andon.alert (
      site_id       text    NOT NULL,
      alert_id      text    NOT NULL,
      number        bigint  NOT NULL,
      first_ms      bigint  NOT NULL,
      epoch         bigint  NOT NULL,
      occurrence_id text    NOT NULL,
      rev           bigint  NOT NULL,
      event         text    NOT NULL,
      page          boolean NOT NULL,
      at_ms         bigint  NOT NULL,
      noted_ms      bigint  NOT NULL,
      count         bigint  NOT NULL,
      record        jsonb   NOT NULL,
      PRIMARY KEY (site_id, number, first_ms)
    );
    CREATE INDEX alert_by_time ON andon.alert (noted_ms);
    -- Whether somebody was called for an alert that is open: its journal may be long.
    CREATE INDEX alert_pages ON andon.alert (site_id, alert_id, occurrence_id) WHERE page;

    CREATE TABLE andon.alert_state (
      site_id       text   NOT NULL,
      alert_id      text   NOT NULL,
      model_version text   NOT NULL,
      epoch         bigint NOT NULL,
      rev           bigint NOT NULL,
      noted_ms      bigint NOT NULL,
      state         text   NOT NULL,
      record        jsonb  NOT NULL,
      PRIMARY KEY (site_id, alert_id, model_version)
    );
    CREATE INDEX alert_state_open ON andon.alert_state (site_id) WHERE state <> 'normal';

    CREATE TABLE andon.gap (
      site_id     text   NOT NULL,
      noted_at_ms bigint NOT NULL,
      number      bigint NOT NULL,
      cause       text   NOT NULL,
      from_ms     bigint NOT NULL,
      camera_id   text   NOT NULL,
      to_ms       bigint NOT NULL,
      detail      text   NOT NULL,
      PRIMARY KEY (site_id, noted_at_ms, number)
    );
    -- The gaps of all sites that reach into a range.
    CREATE INDEX gap_by_end ON andon.gap (to_ms);

    CREATE TABLE andon.camera (
      site_id          text   NOT NULL,
      camera_id        text   NOT NULL,
      events           bigint NOT NULL,
      last_event_ms    bigint NOT NULL,
      last_received_ms bigint NOT NULL,
      status           text   NOT NULL,
      epoch            bigint NOT NULL,
      PRIMARY KEY (site_id, camera_id)
    );

    -- What a bridge is asked to read from its tables once more. Its file has the ranges from then on.
    CREATE TABLE andon.backfill_request (
      site_id  text        NOT NULL,
      from_ms  bigint      NOT NULL,
      to_ms    bigint      NOT NULL,
      asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (site_id, from_ms, to_ms)
    );

    CREATE TABLE andon.stop (
      site_id        text    NOT NULL,
      workstation_id text    NOT NULL,
      start_ms       bigint  NOT NULL,
      end_ms         bigint,
      duration_ms    bigint  NOT NULL,
      kind           text    NOT NULL,
      shift_id       text    NOT NULL,
      reason         text,
      planned        boolean NOT NULL,
      retracted      boolean NOT NULL,
      epoch          bigint  NOT NULL,
      rev            bigint  NOT NULL,
      PRIMARY KEY (site_id, workstation_id, start_ms)
    );
    CREATE INDEX stop_by_time ON andon.stop (start_ms);
    CREATE INDEX stop_open_ones ON andon.stop (site_id) WHERE end_ms IS NULL AND NOT retracted;

    CREATE TABLE andon.stop_reason (
      site_id        text    NOT NULL,
      at_ms          bigint  NOT NULL,
      number         bigint  NOT NULL,
      workstation_id text    NOT NULL,
      start_ms       bigint  NOT NULL,
      end_ms         bigint,
      reason         text    NOT NULL,
      comment        text    NOT NULL,
      PRIMARY KEY (site_id, at_ms, number)
    );

    CREATE TABLE andon.target (
      site_id              text    NOT NULL,
      at_ms                bigint  NOT NULL,
      number               bigint  NOT NULL,
      scope                text    NOT NULL,
      subject              text    NOT NULL,
      from_ms              bigint  NOT NULL,
      until_ms             bigint,
      micro_units_per_hour bigint,
      order_id             text    NOT NULL,
      product              text    NOT NULL,
      PRIMARY KEY (site_id, at_ms, number)
    );

    CREATE TABLE andon.calendar_change (
      site_id     text    NOT NULL,
      at_ms       bigint  NOT NULL,
      number      bigint  NOT NULL,
      action      text    NOT NULL,
      from_day    int     NOT NULL,
      to_day      int     NOT NULL,
      line        text    NOT NULL,
      shifts      text    NOT NULL,
      reason      text    NOT NULL,
      PRIMARY KEY (site_id, at_ms, number)
    );

    CREATE TABLE andon.report (
      site_id   text    NOT NULL,
      scope     text    NOT NULL,
      id        text    NOT NULL,
      start_ms  bigint  NOT NULL,
      end_ms    bigint  NOT NULL,
      shift_id  text    NOT NULL,
      retracted boolean NOT NULL,
      epoch     bigint  NOT NULL,
      rev       bigint  NOT NULL,
      record    jsonb,
      PRIMARY KEY (site_id, scope, id, start_ms)
    );

    CREATE TABLE andon.erasure (
      site_id      text        NOT NULL,
      at_ms        bigint      NOT NULL,
      digest       text        NOT NULL,
      salt         bytea       NOT NULL,
      replacement  text,
      cursor_ms    bigint,
      events       bigint      NOT NULL DEFAULT 0,
      done_at      timestamptz,
      PRIMARY KEY (site_id, at_ms, digest)
    );
    CREATE INDEX erasure_to_do ON andon.erasure (site_id) WHERE done_at IS NULL;
    """
}
