extension CentralSchema {
  /// Partitions of PostgreSQL itself: months of events, years of figures, made ahead. What has none goes to the default
  /// partition, so no time of an event is refused, and moves when its partition is made.
  static let native = """
    CREATE TABLE andon.event_default PARTITION OF andon.event DEFAULT;
    CREATE TABLE andon.kpi_default PARTITION OF andon.kpi DEFAULT;

    CREATE FUNCTION andon.add_partition(parent text, part text, from_ms bigint, to_ms bigint) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      key text := CASE parent WHEN 'event' THEN 'timestamp_ms' ELSE 'start_ms' END;
    BEGIN
      IF to_regclass(format('andon.%I', part)) IS NOT NULL THEN
        RETURN false;
      END IF;
      -- Rows that came before their partition wait in the default one; meanwhile no other may arrive there.
      EXECUTE format('LOCK TABLE andon.%I IN SHARE ROW EXCLUSIVE MODE', parent || '_default');
      EXECUTE format('CREATE TABLE andon.%I (LIKE andon.%I INCLUDING ALL)', part, parent);
      EXECUTE format(
        'WITH gone AS (DELETE FROM andon.%I WHERE %I >= $1 AND %I < $2 RETURNING *) INSERT INTO andon.%I SELECT * FROM gone',
        parent || '_default', key, key, part) USING from_ms, to_ms;
      EXECUTE format(
        'ALTER TABLE andon.%I ATTACH PARTITION andon.%I FOR VALUES FROM (%s) TO (%s)', parent, part, from_ms, to_ms);
      RETURN true;
    END $$;

    CREATE FUNCTION andon.first_ms(year int, month int) RETURNS bigint
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
      SELECT (extract(epoch FROM make_timestamptz(year + (month - 1) / 12, (month - 1) % 12 + 1, 1, 0, 0, 0, 'UTC')) * 1000)::bigint
    $$;

    CREATE FUNCTION andon.maintain_partitions(at_ms bigint, oldest_ms bigint, keep_ms bigint)
    RETURNS TABLE (action text, subject text, amount bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      at     timestamp := to_timestamp(at_ms / 1000.0) AT TIME ZONE 'UTC';
      -- Ten years back at most: a wrong clock must not make thousands of partitions.
      oldest timestamp := greatest(
        to_timestamp(least(coalesce(oldest_ms, at_ms), at_ms) / 1000.0) AT TIME ZONE 'UTC', at - interval '10 years');
      month  timestamp;
      part   record;
    BEGIN
      FOR month IN
        SELECT generate_series(date_trunc('month', oldest), date_trunc('month', at) + interval '2 months', interval '1 month')
        UNION
        SELECT DISTINCT date_trunc('month', to_timestamp(timestamp_ms / 1000.0) AT TIME ZONE 'UTC')
          FROM andon.event_default
          WHERE timestamp_ms BETWEEN at_ms - 315360000000 AND at_ms + 5000000000
        ORDER BY 1
      LOOP
        action := 'partition';
        subject := format('event_%s', to_char(month, 'YYYY_MM'));
        amount := 1;
        IF andon.add_partition('event', subject,
          andon.first_ms(extract(year FROM month)::int, extract(month FROM month)::int),
          andon.first_ms(extract(year FROM month)::int, extract(month FROM month)::int + 1)) THEN
          RETURN NEXT;
        END IF;
      END LOOP;
      FOR month IN
        SELECT generate_series(date_trunc('year', oldest), date_trunc('year', at + interval '2 months'), interval '1 year')
        UNION
        SELECT DISTINCT date_trunc('year', to_timestamp(start_ms / 1000.0) AT TIME ZONE 'UTC')
          FROM andon.kpi_default
          WHERE start_ms BETWEEN at_ms - 315360000000 AND at_ms + 5000000000
        ORDER BY 1
      LOOP
        subject := format('kpi_%s', to_char(month, 'YYYY'));
        IF andon.add_partition('kpi', subject,
          andon.first_ms(extract(year FROM month)::int, 1), andon.first_ms(extract(year FROM month)::int + 1, 1)) THEN
          RETURN NEXT;
        END IF;
      END LOOP;
      FOR part IN
        SELECT c.relname AS name FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
          WHERE i.inhparent = 'andon.event'::regclass AND c.relname ~ '^event_[0-9]{4}_[0-9]{2}$'
          ORDER BY 1
      LOOP
        IF andon.first_ms(substr(part.name, 7, 4)::int, substr(part.name, 12, 2)::int + 1) <= at_ms - keep_ms THEN
          EXECUTE format('DROP TABLE andon.%I', part.name);
          action := 'dropped';
          subject := part.name;
          amount := 1;
          RETURN NEXT;
        END IF;
      END LOOP;
    END $$;

    CREATE VIEW andon.strays AS
      SELECT 'event'::text AS kind, count(*) AS rows FROM andon.event_default
      UNION ALL SELECT 'kpi', count(*) FROM andon.kpi_default;
    """
}
