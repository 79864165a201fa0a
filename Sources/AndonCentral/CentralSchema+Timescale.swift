extension CentralSchema {
  /// The same with TimescaleDB's chunks. Written from its documents; not run by our tests, because Debian does not have it.
  static let timescale = """
    SELECT create_hypertable('andon.event', 'timestamp_ms', chunk_time_interval => 604800000::bigint);
    SELECT create_hypertable('andon.kpi', 'start_ms', chunk_time_interval => 31536000000::bigint);
    CREATE FUNCTION andon.now_ms() RETURNS bigint
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
      SELECT (extract(epoch FROM now()) * 1000)::bigint
    $$;
    SELECT set_integer_now_func('andon.event', 'andon.now_ms');
    SELECT set_integer_now_func('andon.kpi', 'andon.now_ms');

    CREATE FUNCTION andon.maintain_partitions(at_ms bigint, oldest_ms bigint, keep_ms bigint)
    RETURNS TABLE (action text, subject text, amount bigint)
    LANGUAGE plpgsql AS $$
    BEGIN
      RETURN QUERY SELECT 'dropped'::text, chunk::text, 1::bigint
        FROM drop_chunks('andon.event', older_than => at_ms - keep_ms) AS dropped (chunk)
        WHERE keep_ms IS NOT NULL;
    END $$;

    CREATE VIEW andon.strays AS SELECT 'event'::text AS kind, 0::bigint AS rows;
    """
}
