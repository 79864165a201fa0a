extension CentralSchema {
  /// Partitions, ages and erasures, a bounded step a call.
  static let maintenance = """
    -- HMAC-SHA-256 (RFC 2104) of a text, 64 hexadecimal digits. The server has it only in an extension.
    CREATE FUNCTION andon.keyed_digest(inner_pad bytea, outer_pad bytea, id text)
    RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
      SELECT encode(sha256(outer_pad || sha256(inner_pad || convert_to(id, 'UTF8'))), 'hex')
    $$;

    CREATE FUNCTION andon.pad(key bytea, filler int)
    RETURNS bytea LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      block bytea := CASE WHEN length(key) > 64 THEN sha256(key) ELSE key END;
      i     int;
    BEGIN
      block := block || decode(repeat('00', 64 - length(block)), 'hex');
      FOR i IN 0..63 LOOP
        block := set_byte(block, i, get_byte(block, i) # filler);
      END LOOP;
      RETURN block;
    END $$;

    CREATE FUNCTION andon.erase_step(at_ms bigint)
    RETURNS TABLE (action text, subject text, amount bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      todo   andon.erasure;
      ends   timestamptz := clock_timestamp() + interval '5 s';
      inner_pad bytea;
      outer_pad bytea;
      from_t bigint;
      gone   bigint;
    BEGIN
      FOR todo IN SELECT * FROM andon.erasure e WHERE e.done_at IS NULL ORDER BY e.site_id, e.at_ms, e.digest LIMIT 8 LOOP
        EXIT WHEN clock_timestamp() > ends;
        inner_pad := andon.pad(todo.salt, 54);
        outer_pad := andon.pad(todo.salt, 92);
        -- The figures of workers in the first step.
        WITH ids AS MATERIALIZED (
          SELECT DISTINCT k.id FROM andon.kpi k
          WHERE todo.cursor_ms IS NULL AND k.site_id = todo.site_id AND k.scope = 'worker' AND k.start_ms <= todo.at_ms)
        DELETE FROM andon.kpi k USING ids i
          WHERE andon.keyed_digest(inner_pad, outer_pad, i.id) = todo.digest
            AND k.site_id = todo.site_id AND k.scope = 'worker' AND k.id = i.id AND k.start_ms <= todo.at_ms;
        action := 'erasing';
        amount := 0;
        LOOP
          -- A day a step: the events of a site lie in order of time, not of workers. As in the site's file, the events
          -- stay for the figures of workstations, under a name that stands for no person; ids that contain the worker's become
          -- random. Where that name is not known they go:
          -- under another name they would be there twice when the file sends them again.
          from_t := coalesce(todo.cursor_ms, (SELECT min(e.timestamp_ms) FROM andon.event e WHERE e.site_id = todo.site_id));
          WITH ids AS MATERIALIZED (
            SELECT DISTINCT e.worker_id FROM andon.event e
            WHERE e.site_id = todo.site_id AND e.timestamp_ms >= from_t AND e.timestamp_ms < from_t + 86400000),
          taken AS (
            DELETE FROM andon.event e USING ids i
              WHERE andon.keyed_digest(inner_pad, outer_pad, i.worker_id) = todo.digest
                AND e.site_id = todo.site_id AND e.timestamp_ms >= from_t AND e.timestamp_ms < from_t + 86400000
                AND e.worker_id = i.worker_id AND e.timestamp_ms <= todo.at_ms
              RETURNING e.*),
          put AS (
            INSERT INTO andon.event
              SELECT site_id, timestamp_ms, todo.replacement, kind, workstation_id,
                CASE WHEN strpos(event_id, worker_id) > 0 THEN gen_random_uuid()::text ELSE event_id END, camera_id, model_version,
                confidence_ppm, count, accepted, received_at_ms FROM taken WHERE todo.replacement IS NOT NULL
              ON CONFLICT DO NOTHING)
          SELECT count(*) INTO gone FROM taken;
          UPDATE andon.erasure e SET events = e.events + gone, cursor_ms = from_t + 86400000
            WHERE e.site_id = todo.site_id AND e.at_ms = todo.at_ms AND e.digest = todo.digest;
          amount := amount + gone;
          todo.cursor_ms := from_t + 86400000;
          IF from_t IS NULL OR from_t + 86400000 > todo.at_ms THEN
            -- Done: what an id could be tried against goes as well.
            UPDATE andon.erasure e SET salt = '', done_at = clock_timestamp()
              WHERE e.site_id = todo.site_id AND e.at_ms = todo.at_ms AND e.digest = todo.digest;
            action := 'erased';
          END IF;
          EXIT WHEN action = 'erased' OR clock_timestamp() > ends;
        END LOOP;
        subject := todo.site_id;
        RETURN NEXT;
      END LOOP;
    END $$;

    CREATE FUNCTION andon.age_step(at_ms bigint, step_rows int)
    RETURNS TABLE (action text, subject text, amount bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      site  record;
      until bigint;
      ends  timestamptz := clock_timestamp() + interval '5 s';
    BEGIN
      -- Each call begins with other sites, as it may end before it has been at all of them.
      FOR site IN SELECT h.site_id AS id, at_ms - h.retention_ms AS cutoff FROM andon.head h
        WHERE h.retention_ms IS NOT NULL ORDER BY random()
      LOOP
        EXIT WHEN clock_timestamp() > ends;
        subject := site.id;
        until := least(site.cutoff, (SELECT e.timestamp_ms FROM andon.event e
          WHERE e.site_id = site.id AND e.timestamp_ms < site.cutoff ORDER BY e.timestamp_ms OFFSET step_rows LIMIT 1) + 1);
        DELETE FROM andon.event e WHERE e.site_id = site.id AND e.timestamp_ms < until;
        GET DIAGNOSTICS amount = ROW_COUNT;
        IF amount > 0 THEN
          action := 'events';
          RETURN NEXT;
        END IF;
        until := least(site.cutoff, (SELECT k.start_ms FROM andon.kpi k
          WHERE k.site_id = site.id AND k.scope = 'worker' AND k.start_ms < site.cutoff
          ORDER BY k.start_ms OFFSET step_rows LIMIT 1) + 1);
        DELETE FROM andon.kpi k WHERE k.site_id = site.id AND k.scope = 'worker' AND k.start_ms < until;
        GET DIAGNOSTICS amount = ROW_COUNT;
        IF amount > 0 THEN
          action := 'worker_figures';
          RETURN NEXT;
        END IF;
      END LOOP;
    END $$;

    CREATE FUNCTION andon.maintain(at_ms bigint, oldest_ms bigint, step_rows int)
    RETURNS TABLE (action text, subject text, amount bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
    BEGIN
      -- One at a time is sufficient; the others have nothing to do.
      IF NOT pg_try_advisory_xact_lock(\(lock), 2) THEN
        RETURN;
      END IF;
      RETURN QUERY SELECT * FROM andon.maintain_partitions(
        at_ms, oldest_ms,
        -- The longest age of all sites, and none while a site has none: a partition has rows of all sites.
        (SELECT CASE WHEN bool_and(h.retention_ms IS NOT NULL) THEN max(h.retention_ms) END FROM andon.head h));
      -- It holds locks that shipments wait for: nothing long after it.
      IF FOUND THEN
        RETURN;
      END IF;
      RETURN QUERY SELECT * FROM andon.age_step(at_ms, step_rows);
      RETURN QUERY SELECT * FROM andon.erase_step(at_ms);
    END $$;

    CREATE FUNCTION andon.maintain_v1(oldest_ms bigint)
    RETURNS TABLE (action text, subject text, amount bigint)
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      -- A server whose clock is ahead must not delete what is young by the events.
      SELECT * FROM andon.maintain(
        least((extract(epoch FROM clock_timestamp()) * 1000)::bigint,
          (SELECT max(h.newest_event_ms) + 172800000 FROM andon.head h)), oldest_ms, 5000)
    $$;
    """
}
