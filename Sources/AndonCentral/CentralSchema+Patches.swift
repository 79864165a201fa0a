extension CentralSchema {
  /// The working state of sites, from which a bridge makes a site's file again: `site_base` has the small tables at one
  /// commit, `site_log` what each commit since changed in them. Both are in the site's own format and name people: no role
  /// reads them but through `base_v1` and `patches_v1`, which are for bridges.
  ///
  /// A patch is eight bytes of the hash chain of the patches, and a byte: 1 and the patchset, or 0 where it was left out.
  /// `ship_v2` is `ship_v1` and, for the sites whose part was applied, their patches and bases, in the same statement.
  static let patches = """
    CREATE TABLE andon.site_log (
      site_id text   NOT NULL,
      seq     bigint NOT NULL,
      patch   bytea  NOT NULL,
      PRIMARY KEY (site_id, seq)
    );

    CREATE TABLE andon.site_base (
      site_id    text   PRIMARY KEY,
      seq        bigint NOT NULL,
      tip        bigint NOT NULL,
      migrations text[] NOT NULL,
      image      bytea  NOT NULL,
      stored_at  timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    -- It is compressed already.
    ALTER TABLE andon.site_base ALTER COLUMN image SET STORAGE EXTERNAL;

    CREATE FUNCTION andon.ship_v2(
      \(shipParameters),
      l_site int[], l_seq bigint[], l_patch bytea[],
      -- The base of a site is of its last commit here. The migrations of one are joined by line feeds.
      b_site int[], b_migrations text[], b_image bytea[])
    RETURNS TABLE (site int, outcome text, inserted bigint, held_by text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    #variable_conflict use_column
    DECLARE
      applied boolean[];
    BEGIN
      IF cardinality(l_seq) IS DISTINCT FROM cardinality(l_site) OR cardinality(l_patch) IS DISTINCT FROM cardinality(l_site)
        OR cardinality(b_migrations) IS DISTINCT FROM cardinality(b_site)
        OR cardinality(b_image) IS DISTINCT FROM cardinality(b_site) THEN
        RAISE EXCEPTION 'the lists of patches do not fit together' USING ERRCODE = '22023';
      END IF;
      RETURN QUERY SELECT s.site, s.outcome, s.inserted, s.held_by
        FROM andon.ship_v1(bridge_incarnation, sites, epochs, first_seqs, last_seqs, tips, newest_ms, counters,
          e_site, e_timestamp_ms, e_worker_id, e_kind, e_workstation_id, e_event_id, e_camera_id, e_model_version,
          e_confidence_ppm, e_count, e_accepted, e_received_at_ms,
          kpis, alerts, gaps, cameras, stops, reasons, targets, calendar, reports, erasures) AS s;
      -- This statement holds the rows of these heads: they stand where it has put them, or are not of this bridge.
      SELECT array_agg(h.site_id IS NOT NULL ORDER BY o) INTO applied
        FROM unnest(sites, epochs, last_seqs, tips) WITH ORDINALITY AS u (s, e, q, t, o)
          LEFT JOIN andon.head h ON h.site_id = u.s AND h.epoch = u.e AND h.seq = u.q AND h.tip = u.t
            AND h.incarnation = bridge_incarnation;

      INSERT INTO andon.site_log
        SELECT sites[u.x], u.q, u.p FROM unnest(l_site, l_seq, l_patch) AS u (x, q, p) WHERE applied[u.x]
        ON CONFLICT (site_id, seq) DO UPDATE SET patch = excluded.patch;

      -- An older server than its standby knew may have rows of commits that never were.
      DELETE FROM andon.site_log l USING unnest(l_site) AS u (x)
        WHERE l.site_id = sites[u.x] AND l.seq > last_seqs[u.x] AND applied[u.x];

      INSERT INTO andon.site_base (site_id, seq, tip, migrations, image)
        SELECT sites[u.x], last_seqs[u.x], tips[u.x], string_to_array(u.m, E'\\n'), u.i
        FROM unnest(b_site, b_migrations, b_image) AS u (x, m, i) WHERE applied[u.x]
        ON CONFLICT (site_id) DO UPDATE SET seq = excluded.seq, tip = excluded.tip, migrations = excluded.migrations,
          image = excluded.image, stored_at = clock_timestamp();
      DELETE FROM andon.site_log l USING unnest(b_site) AS u (x)
        WHERE l.site_id = sites[u.x] AND l.seq <= last_seqs[u.x] AND applied[u.x];
    END $$;

    -- For a restore, in one snapshot.
    CREATE FUNCTION andon.stand_v1(site text)
    RETURNS TABLE (epoch bigint, seq bigint, tip bigint, bridge_id text, counters bigint[], cluster_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT h.epoch, h.seq, h.tip, h.bridge_id, ARRAY[\(counters.map { "h.\($0)" }.joined(separator: ", "))], m.cluster_id::text
      FROM andon.head h CROSS JOIN andon.meta m WHERE h.site_id = site
    $$;

    CREATE FUNCTION andon.base_v1(site text)
    RETURNS TABLE (seq bigint, tip bigint, migrations text, image bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT b.seq, b.tip, array_to_string(b.migrations, E'\\n'), b.image FROM andon.site_base b WHERE b.site_id = site
    $$;

    -- The next patches: as many as have together not much more than 8 MiB.
    CREATE FUNCTION andon.patches_v1(site text, after_seq bigint)
    RETURNS TABLE (seq bigint, patch bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT p.seq, p.patch
      FROM (SELECT l.seq, l.patch, sum(octet_length(l.patch)) OVER (ORDER BY l.seq) - octet_length(l.patch) AS before
        FROM (SELECT n.seq, n.patch FROM andon.site_log n WHERE n.site_id = site AND n.seq > after_seq
          ORDER BY n.seq LIMIT 10000) l) p
      WHERE p.before < 8388608 ORDER BY p.seq
    $$;

    CREATE FUNCTION andon.events_v1(site text, from_ms bigint, after_ms bigint, after_worker text, after_kind smallint,
      after_workstation text, after_id text, amount int)
    RETURNS TABLE (timestamp_ms bigint, worker_id text, kind smallint, workstation_id text, event_id text, camera_id text,
      model_version text, confidence_ppm int, count int, accepted boolean, received_at_ms bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT e.timestamp_ms, e.worker_id, e.kind, e.workstation_id, e.event_id, e.camera_id, e.model_version,
        e.confidence_ppm, e.count, e.accepted, e.received_at_ms
      FROM andon.event e
      -- Only of sites that are restored from here: a bridge need not read what others have shipped.
      WHERE EXISTS (SELECT 1 FROM andon.site_base b WHERE b.site_id = site)
        AND e.site_id = site AND e.timestamp_ms >= greatest(from_ms, after_ms)
        AND (e.timestamp_ms, e.worker_id, e.kind, e.workstation_id, e.event_id)
          > (after_ms, after_worker, after_kind, after_workstation, after_id)
      ORDER BY e.timestamp_ms, e.worker_id, e.kind, e.workstation_id, e.event_id LIMIT amount
    $$;

    CREATE FUNCTION andon.erasures_v1(site text)
    RETURNS TABLE (at_ms bigint, salt bytea, digest text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT e.at_ms, e.salt, e.digest FROM andon.erasure e WHERE e.site_id = site AND e.done_at IS NULL
    $$;
    """

  /// Executed after the migration that makes them: `grants` takes all rights away first.
  static let patchGrants = """
    GRANT EXECUTE ON FUNCTION andon.ship_v2, andon.stand_v1, andon.base_v1, andon.patches_v1, andon.events_v1,
      andon.erasures_v1 TO andon_bridge;
    """
}
