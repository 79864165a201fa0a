extension CentralSchema {
  /// What a bridge of a fleet looks at besides its own sites.
  static let watch = """
    -- One row. due: sites that are pinned to the bridge and that another one holds still. Then the sites of the fleet that
    -- have had no bridge for so long, by id, a thousand at most.
    CREATE FUNCTION andon.watch_v1(bridge text, unowned_ms bigint)
    RETURNS TABLE (due bigint, unowned bigint, sites text[], since_ms bigint[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      WITH waiting AS (
        SELECT f.site_id, (extract(epoch FROM clock_timestamp() - f.unowned_since) * 1000)::bigint AS ms
        FROM andon.fleet_now f WHERE f.enabled AND f.unowned_since IS NOT NULL)
      SELECT
        (SELECT count(*) FROM andon.fleet_now f WHERE f.enabled AND f.pinned_now = bridge AND f.state = 'held' AND f.bridge_id <> bridge),
        (SELECT count(*) FROM waiting w WHERE w.ms >= unowned_ms),
        (coalesce((SELECT array_agg(w.site_id ORDER BY w.site_id) FROM waiting w WHERE w.ms >= unowned_ms), '{}'))[1:1000],
        (coalesce((SELECT array_agg(w.ms ORDER BY w.site_id) FROM waiting w WHERE w.ms >= unowned_ms), '{}'))[1:1000]
    $$;

    -- What is set for a site of the fleet; no row for one that is not on its list.
    CREATE FUNCTION andon.document_v1(site text)
    RETURNS TABLE (config text, config_rev bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT s.config, s.config_rev FROM andon.site s WHERE s.site_id = site AND s.enabled
    $$;

    CREATE FUNCTION andon.site_ids_v1()
    RETURNS TABLE (site_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT s.site_id FROM andon.site s WHERE s.enabled ORDER BY s.site_id
    $$;

    -- Takes a site that no living bridge holds, for a person who sends what a file knows and an older database does not.
    -- No row is returned while a bridge holds it. The bridges of an older database are long gone: here the server's clock
    -- decides, as all bridges are stopped. least_epoch: the epoch that the file knows.
    CREATE FUNCTION andon.repair_v1(site text, repairer text, repair_incarnation uuid, least_epoch bigint)
    RETURNS TABLE (epoch bigint, seq bigint, tip bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    #variable_conflict use_column
    BEGIN
      INSERT INTO andon.head (site_id) VALUES (site) ON CONFLICT DO NOTHING;
      RETURN QUERY UPDATE andon.head h
        SET epoch = greatest(h.epoch, least_epoch) + 1, bridge_id = repairer, incarnation = repair_incarnation,
          taken_at = clock_timestamp(), free_since = NULL
        WHERE h.site_id = site
          AND (h.bridge_id IS NULL OR h.bridge_id = repairer OR EXISTS (SELECT 1 FROM andon.bridge b
            WHERE b.bridge_id = h.bridge_id AND (b.dead OR b.incarnation <> h.incarnation
              OR b.beat_at < clock_timestamp() - 4 * b.ttl_ms * interval '1 ms')))
        RETURNING h.epoch, h.seq, h.tip;
    END $$;

    CREATE FUNCTION andon.repaired_v1(site text, repairer text)
    RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      UPDATE andon.head h SET epoch = h.epoch + 1, bridge_id = NULL, incarnation = NULL, free_since = clock_timestamp()
      WHERE h.site_id = site AND h.bridge_id = repairer
    $$;

    GRANT EXECUTE ON FUNCTION andon.watch_v1, andon.document_v1, andon.site_ids_v1, andon.repair_v1, andon.repaired_v1
      TO andon_bridge;
    """
}
