extension CentralSchema {
  /// Which bridge runs which site, where bridges share the sites of `site`.
  ///
  /// A bridge lives while its `beat` changes: the others watch it, each by its own clock, and one of them sets `dead` if it
  /// is still the beat that it saw. Times of the server are for people; what decides is counted in beats and epochs. `head`
  /// says who holds a site: `epoch` grows with every change, so what a former holder sends is refused (`ship_v1`).
  ///
  /// A holder that is no member, with its incarnation, is a bridge of its own (`central.mode: history`): the fleet leaves
  /// its sites to it.
  ///
  /// - `site.weight`: 1 is a site without events, see `FleetWeights`. `site.pinned_to`: the bridge that shall hold it,
  ///   while that bridge takes sites.
  /// - `bridge.takes`: false while it takes no sites, for example because it reaches no broker. `bridge.draining`: a
  ///   person wants it to give all its sites to others.
  static let fleetTables = """
    ALTER TABLE andon.head ADD COLUMN free_since timestamptz;
    CREATE INDEX head_by_incarnation ON andon.head (incarnation);

    CREATE TABLE andon.bridge (
      bridge_id   text             PRIMARY KEY,
      incarnation uuid             NOT NULL,
      beat        bigint           NOT NULL DEFAULT 0,
      dead        boolean          NOT NULL DEFAULT false,
      takes       boolean          NOT NULL DEFAULT true,
      draining    boolean          NOT NULL DEFAULT false,
      ttl_ms      bigint           NOT NULL CHECK (ttl_ms > 0),
      capacity    double precision NOT NULL CHECK (capacity > 0),
      version     text             NOT NULL,
      status      jsonb            NOT NULL DEFAULT '{}',
      joined_at   timestamptz      NOT NULL DEFAULT clock_timestamp(),
      beat_at     timestamptz      NOT NULL DEFAULT clock_timestamp(),
      dead_at     timestamptz
    ) WITH (fillfactor = 50);

    CREATE TABLE andon.site (
      site_id    text             PRIMARY KEY,
      config     text             NOT NULL,
      config_rev bigint           NOT NULL DEFAULT 1,
      weight     double precision NOT NULL DEFAULT 1 CHECK (weight > 0),
      pinned_to  text,
      enabled    boolean          NOT NULL DEFAULT true,
      added_at   timestamptz      NOT NULL DEFAULT clock_timestamp(),
      changed_at timestamptz      NOT NULL DEFAULT clock_timestamp()
    ) WITH (fillfactor = 70);

    CREATE VIEW andon.fleet_now AS
      SELECT h.site_id, h.bridge_id, h.epoch,
        CASE WHEN h.bridge_id IS NULL THEN 'free' WHEN b.bridge_id IS NULL THEN 'outside' WHEN b.dead THEN 'dead' ELSE 'held' END AS state,
        coalesce(s.enabled, false) AS enabled, s.weight, s.pinned_to, p.bridge_id AS pinned_now, s.config_rev, h.seq, h.taken_at,
        h.shipped_at, extract(epoch FROM now() - h.shipped_at)::numeric(12, 3) AS since_shipped_s, h.incarnation,
        CASE WHEN NOT s.enabled THEN NULL WHEN h.bridge_id IS NULL THEN greatest(h.free_since, s.added_at)
          WHEN b.dead THEN greatest(b.dead_at, s.added_at) END AS unowned_since
      FROM andon.head h
        LEFT JOIN andon.site s ON s.site_id = h.site_id
        LEFT JOIN andon.bridge b ON b.bridge_id = h.bridge_id AND b.incarnation = h.incarnation
        LEFT JOIN andon.bridge p ON p.bridge_id = s.pinned_to AND p.takes AND NOT p.dead AND NOT p.draining;

    CREATE VIEW andon.bridge_now AS
      SELECT b.bridge_id,
        CASE WHEN b.dead THEN 'dead' WHEN b.beat_at < now() - b.ttl_ms * interval '1 ms' THEN 'silent' WHEN b.draining THEN 'draining'
          WHEN NOT b.takes THEN 'idle' ELSE 'alive' END AS state,
        count(f.site_id) AS sites, coalesce(sum(f.weight), 0) AS weight, b.capacity, b.version,
        coalesce((b.status ->> 'broker_ok')::boolean, false) AS broker_ok, b.joined_at, b.beat_at,
        extract(epoch FROM now() - b.beat_at)::numeric(12, 3) AS since_beat_s, b.dead_at, b.status
      FROM andon.bridge b
        LEFT JOIN andon.fleet_now f ON f.bridge_id = b.bridge_id AND f.incarnation = b.incarnation
      GROUP BY b.bridge_id;

    COMMENT ON VIEW andon.fleet_now IS 'A site: which bridge holds it. state: held, free, dead (its bridge is), outside (a bridge that is not of the fleet)';
    COMMENT ON VIEW andon.bridge_now IS 'A bridge of the fleet. state: alive, idle (takes no sites), draining, silent, dead';
    """

  /// What a bridge of the fleet calls, and `take_v1` for the others, which leaves the fleet's sites alone.
  static let fleetFunctions = """
    -- The outcome is dead when this incarnation was declared dead already; then another one must join. was_alive: another
    -- incarnation of the same name was there a moment ago, by the server's clock.
    CREATE FUNCTION andon.join_v1(bridge text, bridge_incarnation uuid, bridge_ttl_ms bigint, bridge_capacity double precision,
      bridge_version text)
    RETURNS TABLE (outcome text, was_alive boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      former andon.bridge;
    BEGIN
      INSERT INTO andon.bridge (bridge_id, incarnation, ttl_ms, capacity, version)
        VALUES (bridge, bridge_incarnation, bridge_ttl_ms, bridge_capacity, bridge_version) ON CONFLICT DO NOTHING;
      IF FOUND THEN
        RETURN QUERY SELECT 'joined', false;
        RETURN;
      END IF;
      SELECT * INTO former FROM andon.bridge b WHERE b.bridge_id = bridge FOR UPDATE;
      IF former.incarnation = bridge_incarnation THEN
        RETURN QUERY SELECT CASE WHEN former.dead THEN 'dead' ELSE 'joined' END, false;
        RETURN;
      END IF;
      UPDATE andon.bridge b
        SET incarnation = bridge_incarnation, beat = b.beat + 1, dead = false, dead_at = NULL, takes = true, ttl_ms = bridge_ttl_ms,
          capacity = bridge_capacity, version = bridge_version, status = '{}', joined_at = clock_timestamp(),
          beat_at = clock_timestamp()
        WHERE b.bridge_id = bridge;
      -- In the order of shipments, so that they do not wait for each other in a circle.
      PERFORM 1 FROM andon.head h WHERE h.incarnation = former.incarnation ORDER BY h.site_id FOR UPDATE;
      UPDATE andon.head h SET epoch = h.epoch + 1, bridge_id = NULL, incarnation = NULL, free_since = clock_timestamp()
        WHERE h.incarnation = former.incarnation;
      -- Names that nothing refers to any more. The dead claim nothing, so this stays true.
      DELETE FROM andon.bridge b WHERE b.dead AND b.dead_at < clock_timestamp() - interval '7 days'
        AND NOT EXISTS (SELECT 1 FROM andon.head h WHERE h.incarnation = b.incarnation);
      RETURN QUERY SELECT 'joined', NOT former.dead AND former.beat_at > clock_timestamp() - former.ttl_ms * interval '1 ms';
    END $$;

    -- One row. standing: member, dead (declared), replaced (another incarnation of the name), absent. Unless it is member,
    -- only incarnation and beat of the name are told. Weights are taken of sites that the bridge holds.
    CREATE FUNCTION andon.beat_v1(bridge text, bridge_incarnation uuid, bridge_takes boolean, bridge_status jsonb,
      weighed text[], weights double precision[])
    RETURNS TABLE (standing text, incarnation text, beat bigint, draining boolean, bridges text[], incarnations text[],
      beats bigint[], dead boolean[], takes boolean[], brokers boolean[], ttls_ms bigint[], capacities double precision[],
      held bigint[], held_weights double precision[], free bigint, free_weight double precision, free_keys text[], free_pinned bigint,
      sites text[], epochs bigint[], config_revs bigint[], site_weights double precision[], wishes text[])
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    #variable_conflict use_column
    DECLARE
      me andon.bridge;
    BEGIN
      UPDATE andon.bridge b
        SET beat = b.beat + 1, beat_at = clock_timestamp(), takes = bridge_takes, status = bridge_status
        WHERE b.bridge_id = bridge AND b.incarnation = bridge_incarnation AND NOT b.dead
        RETURNING b.* INTO me;
      IF NOT FOUND THEN
        SELECT * INTO me FROM andon.bridge b WHERE b.bridge_id = bridge;
        standing := CASE WHEN me.bridge_id IS NULL THEN 'absent' WHEN me.incarnation = bridge_incarnation THEN 'dead' ELSE 'replaced' END;
        incarnation := me.incarnation::text;
        beat := me.beat;
        RETURN NEXT;
        RETURN;
      END IF;
      IF cardinality(weighed) > 0 THEN
        UPDATE andon.site s SET weight = w.weight
          FROM unnest(weighed, weights) AS w (site, weight) JOIN andon.head h ON h.site_id = w.site
          WHERE s.site_id = w.site AND h.incarnation = bridge_incarnation;
      END IF;
      RETURN QUERY
        WITH placed AS MATERIALIZED (
          SELECT f.site_id, f.bridge_id, f.epoch, f.state, f.enabled, f.weight, f.pinned_now, f.config_rev, f.incarnation
          FROM andon.fleet_now f),
        loads AS (
          SELECT p.bridge_id, count(*) AS n, sum(p.weight) AS w FROM placed p WHERE p.enabled AND p.state = 'held' GROUP BY 1),
        members AS (
          SELECT array_agg(b.bridge_id ORDER BY b.bridge_id) AS names, array_agg(b.incarnation::text ORDER BY b.bridge_id) AS incarnations,
            array_agg(b.beat ORDER BY b.bridge_id) AS beats, array_agg(b.dead ORDER BY b.bridge_id) AS dead,
            array_agg(b.takes AND NOT b.draining ORDER BY b.bridge_id) AS takes,
            array_agg(coalesce((b.status ->> 'broker_ok')::boolean, false) ORDER BY b.bridge_id) AS brokers,
            array_agg(b.ttl_ms ORDER BY b.bridge_id) AS ttls, array_agg(b.capacity ORDER BY b.bridge_id) AS capacities,
            array_agg(coalesce(l.n, 0) ORDER BY b.bridge_id) AS n, array_agg(coalesce(l.w, 0) ORDER BY b.bridge_id) AS w
          FROM andon.bridge b LEFT JOIN loads l ON l.bridge_id = b.bridge_id),
        rest AS (
          SELECT count(*) FILTER (WHERE p.pinned_now IS NULL) AS n,
            coalesce(sum(p.weight) FILTER (WHERE p.pinned_now IS NULL), 0) AS w,
            coalesce((array_agg(p.site_id || '/' || p.epoch ORDER BY p.site_id) FILTER (WHERE p.pinned_now IS NULL))[1:32], '{}') AS keys,
            count(*) FILTER (WHERE p.pinned_now = bridge) AS pinned
          FROM placed p WHERE p.enabled AND p.state IN ('free', 'dead')),
        own AS (
          SELECT coalesce(array_agg(p.site_id ORDER BY p.site_id), '{}') AS ids,
            coalesce(array_agg(p.epoch ORDER BY p.site_id), '{}') AS epochs,
            coalesce(array_agg(p.config_rev ORDER BY p.site_id), '{}') AS revs,
            coalesce(array_agg(p.weight ORDER BY p.site_id), '{}') AS weights,
            coalesce(array_agg(CASE WHEN NOT p.enabled THEN 'leave' WHEN p.pinned_now = bridge THEN 'keep' WHEN p.pinned_now IS NOT NULL THEN 'leave'
              ELSE 'free' END ORDER BY p.site_id), '{}') AS wishes
          FROM placed p WHERE p.bridge_id = bridge AND p.incarnation = bridge_incarnation)
        SELECT 'member', bridge_incarnation::text, me.beat, me.draining, m.names, m.incarnations, m.beats, m.dead, m.takes, m.brokers,
          m.ttls, m.capacities, m.n, m.w, r.n, r.w, r.keys, r.pinned, o.ids, o.epochs, o.revs, o.weights, o.wishes
        FROM members m, rest r, own o;
    END $$;

    -- Only while the other one shows the beat that was seen, and only by a member.
    CREATE FUNCTION andon.declare_dead_v1(bridge text, bridge_incarnation uuid, other text, other_incarnation uuid, other_beat bigint)
    RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      UPDATE andon.bridge o SET dead = true, dead_at = clock_timestamp()
        WHERE o.bridge_id = other AND o.incarnation = other_incarnation AND o.beat = other_beat AND NOT o.dead
          AND EXISTS (SELECT 1 FROM andon.bridge b
            WHERE b.bridge_id = bridge AND b.incarnation = bridge_incarnation AND NOT b.dead);
      RETURN FOUND;
    END $$;

    -- Sites that are free or whose holder is dead: first those pinned to the bridge, whatever they weigh, then those of
    -- which it has the newest file, then the heavy ones. files: positions that its files know, several a site or none.
    -- A site that other statements have locked is left for the next call.
    CREATE FUNCTION andon.claim_v1(bridge text, bridge_incarnation uuid, most_sites int, most_weight double precision,
      most_restores int, files text[], file_seqs bigint[], file_tips bigint[], unfit text[], keep_ms bigint)
    RETURNS TABLE (site_id text, epoch bigint, seq bigint, tip bigint, newest_event_ms bigint, retention_ms bigint,
      config text, config_rev bigint, weight double precision, is_current boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    #variable_conflict use_column
    DECLARE
      found_site record;
      taken      double precision := 0;
      number     int := 0;
      restores   int := most_restores;
    BEGIN
      -- Who joins under this name, or declares it dead, waits until it is known what was claimed.
      PERFORM 1 FROM andon.bridge b
        WHERE b.bridge_id = bridge AND b.incarnation = bridge_incarnation AND NOT b.dead AND NOT b.draining FOR SHARE;
      IF NOT FOUND THEN
        RETURN;
      END IF;
      FOR found_site IN
        SELECT h.site_id AS id, s.weight AS weighs, p.bridge_id IS NOT NULL AS is_pinned, h.seq = 0 OR f.site IS NOT NULL AS has_it
        FROM andon.head h
          JOIN andon.site s ON s.site_id = h.site_id
          LEFT JOIN andon.bridge b ON b.bridge_id = h.bridge_id AND b.incarnation = h.incarnation
          LEFT JOIN andon.bridge p ON p.bridge_id = s.pinned_to AND p.takes AND NOT p.dead AND NOT p.draining
          LEFT JOIN (SELECT DISTINCT u.site, u.seq, u.tip FROM unnest(files, file_seqs, file_tips) AS u (site, seq, tip)) AS f
            ON f.site = h.site_id AND f.seq = h.seq AND f.tip = h.tip
        WHERE s.enabled AND (h.bridge_id IS NULL OR b.dead) AND (p.bridge_id IS NULL OR p.bridge_id = bridge)
          AND NOT h.site_id = ANY (unfit)
        ORDER BY is_pinned DESC, has_it DESC, s.weight DESC, h.site_id
        FOR UPDATE OF h SKIP LOCKED
      LOOP
        CONTINUE WHEN NOT found_site.has_it AND restores <= 0;
        IF NOT found_site.is_pinned THEN
          EXIT WHEN number >= most_sites OR taken >= most_weight;
          CONTINUE WHEN taken + found_site.weighs / 2 > most_weight;
          taken := taken + found_site.weighs;
          number := number + 1;
        END IF;
        IF NOT found_site.has_it THEN
          restores := restores - 1;
        END IF;
        RETURN QUERY UPDATE andon.head h
          SET epoch = h.epoch + 1, bridge_id = bridge, incarnation = bridge_incarnation, taken_at = clock_timestamp(),
            free_since = NULL, retention_ms = keep_ms
          FROM andon.site s
          WHERE h.site_id = found_site.id AND s.site_id = found_site.id
          RETURNING h.site_id, h.epoch, h.seq, h.tip, h.newest_event_ms, h.retention_ms, s.config, s.config_rev, s.weight,
            found_site.has_it;
      END LOOP;
    END $$;

    -- The sites that were the bridge's, with these epochs, and are free now.
    CREATE FUNCTION andon.release_v1(bridge_incarnation uuid, sites text[], epochs bigint[])
    RETURNS TABLE (site_id text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    #variable_conflict use_column
    BEGIN
      PERFORM 1 FROM andon.head h WHERE h.site_id = ANY (sites) AND h.incarnation = bridge_incarnation ORDER BY h.site_id FOR UPDATE;
      RETURN QUERY UPDATE andon.head h
        SET epoch = h.epoch + 1, bridge_id = NULL, incarnation = NULL, free_since = clock_timestamp()
        FROM unnest(sites, epochs) AS u (site, epoch)
        WHERE h.site_id = u.site AND h.epoch = u.epoch AND h.incarnation = bridge_incarnation
        RETURNING h.site_id;
    END $$;

    CREATE FUNCTION andon.holds_v1(bridge_incarnation uuid, site text, site_epoch bigint)
    RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT EXISTS (
        SELECT 1 FROM andon.head h JOIN andon.bridge b ON b.bridge_id = h.bridge_id AND b.incarnation = h.incarnation
        WHERE h.site_id = site AND h.epoch = site_epoch AND h.incarnation = bridge_incarnation AND NOT b.dead)
    $$;

    CREATE FUNCTION andon.configs_v1(bridge_incarnation uuid, wanted text[])
    RETURNS TABLE (site_id text, config text, config_rev bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT s.site_id, s.config, s.config_rev FROM andon.site s JOIN andon.head h ON h.site_id = s.site_id
      WHERE s.site_id = ANY (wanted) AND h.incarnation = bridge_incarnation
    $$;

    -- As before, but the fleet's sites are not taken: those of a member, and those that the fleet has on its list unless the
    -- same bridge holds them since before. They are returned as they are, with is_mine false and who holds them.
    DROP FUNCTION andon.take_v1(text, uuid, text[], bigint);
    CREATE FUNCTION andon.take_v1(bridge text, bridge_incarnation uuid, sites text[], keep_ms bigint)
    RETURNS TABLE (site_id text, epoch bigint, seq bigint, tip bigint, newest_event_ms bigint, held_by text,
      held_since timestamptz, is_mine boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    #variable_conflict use_column
    DECLARE
      wanted text;
      before record;
    BEGIN
      -- In one order, so that two bridges that take the same sites do not wait for each other in a circle.
      FOR wanted IN SELECT DISTINCT s FROM unnest(sites) AS u (s) ORDER BY s LOOP
        INSERT INTO andon.head (site_id) VALUES (wanted) ON CONFLICT DO NOTHING;
        SELECT h.bridge_id, h.incarnation, h.taken_at INTO before FROM andon.head h WHERE h.site_id = wanted FOR UPDATE;
        IF EXISTS (SELECT 1 FROM andon.bridge b
            WHERE b.bridge_id = before.bridge_id AND b.incarnation = before.incarnation AND NOT b.dead)
          OR (before.bridge_id IS DISTINCT FROM bridge
            AND EXISTS (SELECT 1 FROM andon.site s WHERE s.site_id = wanted AND s.enabled)) THEN
          RETURN QUERY SELECT h.site_id, h.epoch, h.seq, h.tip, h.newest_event_ms, h.bridge_id, h.taken_at, false
            FROM andon.head h WHERE h.site_id = wanted;
        ELSE
          RETURN QUERY UPDATE andon.head h
            SET epoch = h.epoch + 1, bridge_id = bridge, incarnation = bridge_incarnation, taken_at = clock_timestamp(),
              free_since = NULL, retention_ms = keep_ms
            WHERE h.site_id = wanted
            RETURNING h.site_id, h.epoch, h.seq, h.tip, h.newest_event_ms, before.bridge_id, before.taken_at, true;
        END IF;
      END LOOP;
    END $$;

    GRANT EXECUTE ON FUNCTION andon.join_v1, andon.beat_v1, andon.declare_dead_v1, andon.claim_v1, andon.release_v1,
      andon.holds_v1, andon.configs_v1 TO andon_bridge;
    GRANT SELECT ON andon.fleet_now, andon.bridge_now TO andon_reader;
    """
}
