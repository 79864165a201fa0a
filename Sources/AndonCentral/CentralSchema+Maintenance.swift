extension CentralSchema {
  /// Partitions, ages and erasures, a bounded step a call.
  static let maintenance = """
    CREATE FUNCTION andon.erase_step(at_ms bigint)
    RETURNS TABLE (action text, subject text, amount bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      todo   andon.erasure;
      from_t bigint;
      gone   bigint;
    BEGIN
      FOR todo IN SELECT * FROM andon.erasure e WHERE e.done_at IS NULL ORDER BY e.site_id, e.at_ms, e.number LIMIT 8 LOOP
        DELETE FROM andon.kpi k WHERE k.site_id = todo.site_id AND k.scope = 'worker' AND k.id = todo.worker_id;
        -- Four weeks a step: the events of a site lie in order of time, not of workers.
        from_t := coalesce(todo.cursor_ms, (SELECT min(e.timestamp_ms) FROM andon.event e WHERE e.site_id = todo.site_id));
        DELETE FROM andon.event e
          WHERE e.site_id = todo.site_id AND e.timestamp_ms >= from_t AND e.timestamp_ms < from_t + 2419200000
            AND e.worker_id = todo.worker_id;
        GET DIAGNOSTICS gone = ROW_COUNT;
        UPDATE andon.erasure e SET events = e.events + gone, cursor_ms = from_t + 2419200000
          WHERE e.site_id = todo.site_id AND e.at_ms = todo.at_ms AND e.number = todo.number;
        action := 'erasing';
        IF from_t IS NULL OR from_t + 2419200000 > (
          SELECT max(e.timestamp_ms) FROM andon.event e WHERE e.site_id = todo.site_id) IS NOT FALSE THEN
          -- Done: the name goes as well.
          UPDATE andon.erasure e SET worker_id = '', done_at = clock_timestamp()
            WHERE e.site_id = todo.site_id AND e.at_ms = todo.at_ms AND e.number = todo.number;
          action := 'erased';
        END IF;
        subject := todo.site_id;
        amount := gone;
        RETURN NEXT;
      END LOOP;
    END $$;

    CREATE FUNCTION andon.age_step(at_ms bigint, step_rows int)
    RETURNS TABLE (action text, subject text, amount bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      site  record;
      until bigint;
    BEGIN
      FOR site IN SELECT h.site_id AS id, at_ms - h.retention_ms AS cutoff FROM andon.head h
        WHERE h.retention_ms IS NOT NULL ORDER BY 1
      LOOP
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
      RETURN QUERY SELECT * FROM andon.age_step(at_ms, step_rows);
      RETURN QUERY SELECT * FROM andon.erase_step(at_ms);
    END $$;

    CREATE FUNCTION andon.maintain_v1(oldest_ms bigint)
    RETURNS TABLE (action text, subject text, amount bigint)
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT * FROM andon.maintain((extract(epoch FROM clock_timestamp()) * 1000)::bigint, oldest_ms, 5000)
    $$;
    """
}
