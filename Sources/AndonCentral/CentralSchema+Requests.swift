import AndonStore

extension CentralSchema {
  /// What people ask: how many rows there are, and that a site's tables are read again.
  static let requests = """
    -- Rows of a site by table and day (UTC), of times since then.
    CREATE FUNCTION andon.count_v1(site text, since_ms bigint)
    RETURNS TABLE (in_table text, day bigint, amount bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      \(counts)
    $$;

    -- False for a site that no bridge ever took.
    CREATE FUNCTION andon.ask_backfill_v1(site text, since_ms bigint, until_ms bigint)
    RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      IF NOT EXISTS (SELECT 1 FROM andon.head h WHERE h.site_id = site) THEN
        RETURN false;
      END IF;
      IF (SELECT count(*) FROM andon.backfill_request r WHERE r.site_id = site) >= 100 THEN
        RAISE EXCEPTION 'a hundred requests of this site wait for its bridge' USING ERRCODE = '54000';
      END IF;
      INSERT INTO andon.backfill_request (site_id, from_ms, to_ms) VALUES (site, since_ms, until_ms) ON CONFLICT DO NOTHING;
      RETURN true;
    END $$;

    -- The requests for the sites that this bridge holds.
    CREATE FUNCTION andon.asked_v1(bridge_incarnation uuid)
    RETURNS TABLE (site_id text, from_ms bigint, to_ms bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT r.site_id, r.from_ms, r.to_ms FROM andon.backfill_request r JOIN andon.head h USING (site_id)
      WHERE h.incarnation = bridge_incarnation ORDER BY r.asked_at LIMIT 100
    $$;

    CREATE FUNCTION andon.answered_v1(bridge_incarnation uuid, site text, since_ms bigint, until_ms bigint)
    RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      DELETE FROM andon.backfill_request r USING andon.head h
      WHERE r.site_id = site AND r.from_ms = since_ms AND r.to_ms = until_ms
        AND h.site_id = site AND h.incarnation = bridge_incarnation
    $$;
    """

  private static var counts: String {
    ShipCount.tables.map { table, _, time in
      "SELECT '\(table)', \(time) / 86400000, count(*) FROM andon.\(table) WHERE site_id = site AND \(time) >= since_ms "
        + "GROUP BY 2"
    }.joined(separator: " UNION ALL\n      ")
  }
}
