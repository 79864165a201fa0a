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

    GRANT EXECUTE ON FUNCTION andon.watch_v1, andon.document_v1, andon.site_ids_v1 TO andon_bridge;
    """
}
