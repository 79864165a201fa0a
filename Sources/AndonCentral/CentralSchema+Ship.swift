extension CentralSchema {
  /// Of `ship_v1`, and the first ones of its successors.
  static let shipParameters = """
    bridge_incarnation uuid, sites text[], epochs bigint[], first_seqs bigint[], last_seqs bigint[], tips bigint[], newest_ms bigint[],
      counters bigint[],
      e_site int[], e_timestamp_ms bigint[], e_worker_id text[], e_kind smallint[], e_workstation_id text[],
      e_event_id text[], e_camera_id text[], e_model_version text[], e_confidence_ppm int[], e_count int[],
      e_accepted boolean[], e_received_at_ms bigint[],
      kpis jsonb, alerts jsonb, gaps jsonb, cameras jsonb, stops jsonb, reasons jsonb, targets jsonb, calendar jsonb,
      reports jsonb, erasures jsonb
    """

  /// What a bridge may call. `take_v1` makes it the holder of sites: with a higher epoch, so all that the former holder sends
  /// is refused. `ship_v1` is one statement a batch: a client that freezes holds no lock of a transaction. Its outcome for
  /// each site is `a` applied, `r` applied before, `s` the log does not follow the position (`resume_v1` tells it), `f` fenced:
  /// another bridge holds the site. A holder is its epoch and its incarnation: a server that lost its newest commits may give
  /// the same epoch twice. Functions keep their signature: rows other than events are JSON, whose fields may grow.
  static let shipping = """
    CREATE FUNCTION andon.about_v1()
    RETURNS TABLE (schema_version int, oldest_writer int, cluster_id uuid, layout text, at_ms bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT schema_version, oldest_writer, cluster_id, layout, (extract(epoch FROM clock_timestamp()) * 1000)::bigint
      FROM andon.meta
    $$;

    CREATE FUNCTION andon.take_v1(bridge text, bridge_incarnation uuid, sites text[], keep_ms bigint)
    RETURNS TABLE (site_id text, epoch bigint, seq bigint, tip bigint, newest_event_ms bigint, held_by text,
      held_since timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      wanted text;
      before record;
    BEGIN
      -- In one order, so that two bridges that take the same sites do not wait for each other in a circle.
      FOR wanted IN SELECT DISTINCT s FROM unnest(sites) AS u (s) ORDER BY s LOOP
        INSERT INTO andon.head (site_id) VALUES (wanted) ON CONFLICT DO NOTHING;
        SELECT h.bridge_id, h.taken_at INTO before FROM andon.head h WHERE h.site_id = wanted FOR UPDATE;
        RETURN QUERY UPDATE andon.head h
          SET epoch = h.epoch + 1, bridge_id = bridge, incarnation = bridge_incarnation, taken_at = clock_timestamp(),
            retention_ms = keep_ms
          WHERE h.site_id = wanted
          RETURNING h.site_id, h.epoch, h.seq, h.tip, h.newest_event_ms, before.bridge_id, before.taken_at;
      END LOOP;
    END $$;

    CREATE FUNCTION andon.resume_v1(bridge_incarnation uuid, site text, site_epoch bigint)
    RETURNS TABLE (is_mine boolean, epoch bigint, seq bigint, tip bigint, newest_event_ms bigint, bridge_id text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      -- It writes, so its commit vouches for all commits before it, on the standby as well.
      RETURN QUERY UPDATE andon.head h SET shipped_at = clock_timestamp()
        WHERE h.site_id = site AND h.epoch = site_epoch AND h.incarnation = bridge_incarnation
        RETURNING true, h.epoch, h.seq, h.tip, h.newest_event_ms, h.bridge_id;
      IF NOT FOUND THEN
        RETURN QUERY SELECT false, h.epoch, h.seq, h.tip, h.newest_event_ms, h.bridge_id FROM andon.head h WHERE h.site_id = site;
      END IF;
    END $$;

    CREATE FUNCTION andon.ship_v1(
      \(shipParameters))
    RETURNS TABLE (site int, outcome text, inserted bigint, held_by text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    #variable_conflict use_column
    DECLARE
      n        int := coalesce(cardinality(sites), 0);
      i        int;
      base     int;
      outcomes text[] := array_fill('f'::text, ARRAY[n]);
      -- The sites whose rows are taken; NULL for the others, so that no row joins them.
      taken    text[] := array_fill(NULL::text, ARRAY[n]);
      added    bigint[] := array_fill(0::bigint, ARRAY[n]);
    BEGIN
      IF cardinality(epochs) IS DISTINCT FROM n OR cardinality(first_seqs) IS DISTINCT FROM n
        OR cardinality(last_seqs) IS DISTINCT FROM n OR cardinality(tips) IS DISTINCT FROM n
        OR cardinality(newest_ms) IS DISTINCT FROM n OR cardinality(counters) IS DISTINCT FROM n * \(counters.count)
        OR n <> (SELECT count(DISTINCT s) FROM unnest(sites) AS u (s)) THEN
        RAISE EXCEPTION 'the lists of sites do not fit together' USING ERRCODE = '22023';
      END IF;

      -- Position first, rows after: who lost the site meets the fence, not a unique violation. In one order of the sites.
      FOR i IN SELECT o FROM unnest(sites) WITH ORDINALITY AS u (s, o) ORDER BY s LOOP
        base := (i - 1) * \(counters.count);
        UPDATE andon.head h
          SET seq = last_seqs[i], tip = tips[i], shipped_at = clock_timestamp(),
            newest_event_ms = greatest(h.newest_event_ms, newest_ms[i]),
            \(counterSets)
          WHERE h.site_id = sites[i] AND h.epoch = epochs[i] AND h.incarnation = bridge_incarnation
            AND h.seq = first_seqs[i] - 1;
        IF FOUND THEN
          outcomes[i] := 'a';
          taken[i] := sites[i];
        ELSE
          -- The same again, whose first answer was lost. It writes, so that its commit vouches for the first.
          UPDATE andon.head h SET shipped_at = clock_timestamp()
            WHERE h.site_id = sites[i] AND h.epoch = epochs[i] AND h.incarnation = bridge_incarnation
              AND h.seq = last_seqs[i] AND h.tip = tips[i];
          IF FOUND THEN
            outcomes[i] := 'r';
          ELSIF EXISTS (SELECT 1 FROM andon.head h
            WHERE h.site_id = sites[i] AND h.epoch = epochs[i] AND h.incarnation = bridge_incarnation) THEN
            outcomes[i] := 's';
          END IF;
        END IF;
      END LOOP;

      IF cardinality(e_site) > 0 THEN
        IF n = 1 AND taken[1] IS NOT NULL THEN
          INSERT INTO andon.event
            SELECT taken[1], t, w, k, ws, e, c, m, p, q, a, r
            FROM unnest(e_timestamp_ms, e_worker_id, e_kind, e_workstation_id, e_event_id, e_camera_id, e_model_version,
              e_confidence_ppm, e_count, e_accepted, e_received_at_ms) AS u (t, w, k, ws, e, c, m, p, q, a, r)
            ON CONFLICT DO NOTHING;
          GET DIAGNOSTICS base = ROW_COUNT;
          added[1] := base;
        ELSIF n > 1 THEN
          FOR i, base IN
            WITH new AS (
              INSERT INTO andon.event
                SELECT h.s, t, w, k, ws, e, c, m, p, q, a, r
                FROM unnest(e_site, e_timestamp_ms, e_worker_id, e_kind, e_workstation_id, e_event_id, e_camera_id,
                    e_model_version, e_confidence_ppm, e_count, e_accepted, e_received_at_ms)
                    AS u (x, t, w, k, ws, e, c, m, p, q, a, r)
                  JOIN unnest(taken) WITH ORDINALITY AS h (s, o) ON h.o = u.x AND h.s IS NOT NULL
                ON CONFLICT DO NOTHING RETURNING site_id)
            SELECT h.o, count(*) FROM new JOIN unnest(taken) WITH ORDINALITY AS h (s, o) ON h.s = new.site_id GROUP BY h.o
          LOOP
            added[i] := base;
          END LOOP;
        END IF;
      END IF;

      INSERT INTO andon.kpi AS old
        SELECT DISTINCT ON (h.s, k.window_kind, k.start_ms, k.scope, k.id)
          h.s, k.window_kind, k.start_ms, k.end_ms, coalesce(k.shift_id, ''), k.scope, k.id, epochs[h.o], k.rev,
          k.published_ms, k.quality, coalesce(k.withheld, false), \(CentralFigure.first.map { "k.\($0.name)" }.joined(separator: ", "))
        FROM jsonb_array_elements(kpis) AS j (v)
          CROSS JOIN LATERAL jsonb_to_record(v) AS k (site int, window_kind text, start_ms bigint, end_ms bigint,
            shift_id text, scope text, id text, rev bigint, published_ms bigint, quality smallint, withheld boolean,
            \(CentralFigure.first.map(\.definition).joined(separator: ", ")))
          JOIN unnest(taken) WITH ORDINALITY AS h (s, o) ON h.o = k.site AND h.s IS NOT NULL
        ORDER BY h.s, k.window_kind, k.start_ms, k.scope, k.id, k.rev DESC, k.published_ms DESC
        ON CONFLICT (site_id, window_kind, start_ms, scope, id) DO UPDATE
          SET end_ms = excluded.end_ms, shift_id = excluded.shift_id, epoch = excluded.epoch, rev = excluded.rev,
            published_ms = excluded.published_ms, quality = excluded.quality, withheld = excluded.withheld,
            \(CentralFigure.first.map { "\($0.name) = excluded.\($0.name)" }.joined(separator: ", "))
          WHERE (old.epoch, old.rev) < (excluded.epoch, excluded.rev);

      INSERT INTO andon.alert AS old
        -- A chattering alarm changes its newest row: its count grows. Numbers are given again after an older copy of the
        -- file was put back: then the time is another.
        SELECT DISTINCT ON (h.s, k.number, k.first_ms)
          h.s, k.alert_id, k.number, k.first_ms, epochs[h.o], k.occurrence_id, k.rev, k.event, k.page, k.at_ms, k.noted_ms,
          coalesce(k.count, 1), k.record
        FROM jsonb_array_elements(alerts) AS j (v)
          CROSS JOIN LATERAL jsonb_to_record(v) AS k (site int, alert_id text, number bigint, first_ms bigint,
            occurrence_id text, rev bigint, event text, page boolean, at_ms bigint, noted_ms bigint, count bigint, record jsonb)
          JOIN unnest(taken) WITH ORDINALITY AS h (s, o) ON h.o = k.site AND h.s IS NOT NULL
        ORDER BY h.s, k.number, k.first_ms, k.count DESC
        ON CONFLICT (site_id, number, first_ms) DO UPDATE
          SET alert_id = excluded.alert_id, epoch = excluded.epoch, occurrence_id = excluded.occurrence_id, rev = excluded.rev, event = excluded.event,
            page = excluded.page, at_ms = excluded.at_ms, noted_ms = excluded.noted_ms, count = excluded.count,
            record = excluded.record
          WHERE (old.epoch, old.count) < (excluded.epoch, excluded.count);

      INSERT INTO andon.alert_state AS old
        SELECT DISTINCT ON (h.s, k.alert_id, m)
          h.s, k.alert_id, coalesce(k.record ->> 'model_version', '') AS m, epochs[h.o], k.rev, k.noted_ms,
          coalesce(k.record ->> 'state', 'normal'), k.record
        FROM jsonb_array_elements(alerts) AS j (v)
          CROSS JOIN LATERAL jsonb_to_record(v) AS k (site int, alert_id text, rev bigint, noted_ms bigint, record jsonb)
          JOIN unnest(taken) WITH ORDINALITY AS h (s, o) ON h.o = k.site AND h.s IS NOT NULL
        ORDER BY h.s, k.alert_id, m, k.rev DESC, k.noted_ms DESC
        ON CONFLICT (site_id, alert_id, model_version) DO UPDATE
          SET epoch = excluded.epoch, rev = excluded.rev, noted_ms = excluded.noted_ms, state = excluded.state,
            record = excluded.record
          WHERE (old.epoch, old.rev, old.noted_ms) < (excluded.epoch, excluded.rev, excluded.noted_ms);

      INSERT INTO andon.gap AS old
        SELECT DISTINCT ON (h.s, k.noted_at_ms, k.number)
          h.s, k.noted_at_ms, k.number, k.cause, k.from_ms, coalesce(k.camera_id, ''), k.to_ms, coalesce(k.detail, '')
        FROM jsonb_array_elements(gaps) WITH ORDINALITY AS j (v, nth)
          CROSS JOIN LATERAL jsonb_to_record(v) AS k (site int, noted_at_ms bigint, number bigint, cause text,
            from_ms bigint, camera_id text, to_ms bigint, detail text)
          JOIN unnest(taken) WITH ORDINALITY AS h (s, o) ON h.o = k.site AND h.s IS NOT NULL
        ORDER BY h.s, k.noted_at_ms, k.number, nth DESC
        -- A gap may be widened, or end.
        ON CONFLICT (site_id, noted_at_ms, number) DO UPDATE
          SET from_ms = least(old.from_ms, excluded.from_ms), to_ms = greatest(old.to_ms, excluded.to_ms),
            detail = excluded.detail
          WHERE excluded.from_ms <= old.from_ms AND excluded.to_ms >= old.to_ms;

      INSERT INTO andon.camera AS old
        SELECT DISTINCT ON (h.s, k.camera_id)
          h.s, k.camera_id, k.events, k.last_event_ms, k.last_received_ms, k.status, epochs[h.o]
        FROM jsonb_array_elements(cameras) WITH ORDINALITY AS j (v, nth)
          CROSS JOIN LATERAL jsonb_to_record(v) AS k (site int, camera_id text, events bigint, last_event_ms bigint,
            last_received_ms bigint, status text)
          JOIN unnest(taken) WITH ORDINALITY AS h (s, o) ON h.o = k.site AND h.s IS NOT NULL
        ORDER BY h.s, k.camera_id, k.last_received_ms DESC, nth DESC
        ON CONFLICT (site_id, camera_id) DO UPDATE
          SET events = excluded.events, last_event_ms = excluded.last_event_ms,
            last_received_ms = excluded.last_received_ms, status = excluded.status, epoch = excluded.epoch
          WHERE (old.epoch, old.last_received_ms) <= (excluded.epoch, excluded.last_received_ms);

      INSERT INTO andon.stop AS old
        SELECT DISTINCT ON (h.s, k.workstation_id, k.start_ms)
          h.s, k.workstation_id, k.start_ms, k.end_ms, k.duration_ms, k.kind, k.shift_id, k.payload ->> 'reason',
          coalesce((k.payload ->> 'planned')::boolean, false), coalesce(k.retracted, false), epochs[h.o], k.rev
        FROM jsonb_array_elements(stops) AS j (v)
          CROSS JOIN LATERAL jsonb_to_record(v) AS k (site int, workstation_id text, start_ms bigint, end_ms bigint,
            duration_ms bigint, kind text, shift_id text, payload jsonb, retracted boolean, rev bigint)
          JOIN unnest(taken) WITH ORDINALITY AS h (s, o) ON h.o = k.site AND h.s IS NOT NULL
        ORDER BY h.s, k.workstation_id, k.start_ms, k.rev DESC
        ON CONFLICT (site_id, workstation_id, start_ms) DO UPDATE
          SET end_ms = excluded.end_ms, duration_ms = excluded.duration_ms, kind = excluded.kind,
            shift_id = excluded.shift_id, reason = excluded.reason, planned = excluded.planned,
            retracted = excluded.retracted, epoch = excluded.epoch, rev = excluded.rev
          WHERE (old.epoch, old.rev) < (excluded.epoch, excluded.rev);

      INSERT INTO andon.stop_reason
        SELECT h.s, k.at_ms, k.number, k.workstation_id, k.start_ms, k.end_ms, k.reason, coalesce(k.comment, '')
        FROM jsonb_array_elements(reasons) AS j (v)
          CROSS JOIN LATERAL jsonb_to_record(v) AS k (site int, number bigint, workstation_id text, start_ms bigint,
            end_ms bigint, reason text, comment text, at_ms bigint)
          JOIN unnest(taken) WITH ORDINALITY AS h (s, o) ON h.o = k.site AND h.s IS NOT NULL
        ON CONFLICT DO NOTHING;

      INSERT INTO andon.target
        SELECT h.s, k.at_ms, k.number, k.scope, k.subject, k.from_ms, k.until_ms, k.micro_units_per_hour,
          coalesce(k.order_id, ''), coalesce(k.product, '')
        FROM jsonb_array_elements(targets) AS j (v)
          CROSS JOIN LATERAL jsonb_to_record(v) AS k (site int, at_ms bigint, number bigint, scope text, subject text,
            from_ms bigint, until_ms bigint, micro_units_per_hour bigint, order_id text, product text)
          JOIN unnest(taken) WITH ORDINALITY AS h (s, o) ON h.o = k.site AND h.s IS NOT NULL
        ON CONFLICT DO NOTHING;

      INSERT INTO andon.calendar_change
        SELECT h.s, k.at_ms, k.number, k.action, k.from_day, k.to_day, coalesce(k.line, ''), coalesce(k.shifts, ''),
          coalesce(k.reason, '')
        FROM jsonb_array_elements(calendar) AS j (v)
          CROSS JOIN LATERAL jsonb_to_record(v) AS k (site int, at_ms bigint, number bigint, action text, from_day int,
            to_day int, line text, shifts text, reason text)
          JOIN unnest(taken) WITH ORDINALITY AS h (s, o) ON h.o = k.site AND h.s IS NOT NULL
        ON CONFLICT DO NOTHING;

      INSERT INTO andon.report AS old
        SELECT DISTINCT ON (h.s, k.scope, k.id, k.start_ms)
          h.s, k.scope, k.id, k.start_ms, k.end_ms, k.shift_id, coalesce(k.retracted, false), epochs[h.o], k.rev, k.record
        FROM jsonb_array_elements(reports) AS j (v)
          CROSS JOIN LATERAL jsonb_to_record(v) AS k (site int, scope text, id text, start_ms bigint, end_ms bigint,
            shift_id text, retracted boolean, rev bigint, record jsonb)
          JOIN unnest(taken) WITH ORDINALITY AS h (s, o) ON h.o = k.site AND h.s IS NOT NULL
        ORDER BY h.s, k.scope, k.id, k.start_ms, k.rev DESC
        ON CONFLICT (site_id, scope, id, start_ms) DO UPDATE
          SET end_ms = excluded.end_ms, shift_id = excluded.shift_id, retracted = excluded.retracted,
            epoch = excluded.epoch, rev = excluded.rev, record = excluded.record
          WHERE (old.epoch, old.rev) < (excluded.epoch, excluded.rev);

      INSERT INTO andon.erasure (site_id, at_ms, digest, salt, replacement)
        SELECT h.s, k.at_ms, k.digest, decode(k.salt, 'hex'), nullif(k.replacement, '')
        FROM jsonb_array_elements(erasures) AS j (v)
          CROSS JOIN LATERAL jsonb_to_record(v) AS k (site int, at_ms bigint, digest text, salt text, replacement text)
          JOIN unnest(taken) WITH ORDINALITY AS h (s, o) ON h.o = k.site AND h.s IS NOT NULL
        -- Another record of the same erasure may know the name that its events have now.
        ON CONFLICT (site_id, at_ms, digest) DO UPDATE SET replacement = excluded.replacement
          WHERE erasure.replacement IS NULL;

      RETURN QUERY SELECT o::int, outcomes[o], added[o], CASE outcomes[o] WHEN 'f' THEN h.bridge_id END
        FROM unnest(sites) WITH ORDINALITY AS u (s, o) LEFT JOIN andon.head h ON h.site_id = u.s ORDER BY o;
    END $$;
    """
}
