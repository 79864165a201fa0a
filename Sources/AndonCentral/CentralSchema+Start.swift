extension CentralSchema {
  /// Roles, the schema, and the table that says which schema it is. Run in a transaction with the lock by a role that may
  /// make roles and schemas. The roles can log in once they have a password.
  static let start = """
    DO $$
    DECLARE
      role text;
    BEGIN
      FOREACH role IN ARRAY ARRAY['andon_owner', 'andon_bridge', 'andon_reader'] LOOP
        BEGIN
          EXECUTE format('CREATE ROLE %I LOGIN', role);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
      END LOOP;
      -- Boards ask many short questions: compiling them takes longer than the answer. Of this database: the roles belong to
      -- the whole server, and others may do the same at this moment.
      BEGIN
        EXECUTE format('ALTER ROLE andon_reader IN DATABASE %I SET jit = off', current_database());
      EXCEPTION WHEN insufficient_privilege THEN NULL;
      END;
      IF current_user <> 'andon_owner' AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT andon_owner TO %I', current_user);
      END IF;
    END $$;
    CREATE SCHEMA IF NOT EXISTS andon AUTHORIZATION andon_owner;
    SET LOCAL ROLE andon_owner;
    CREATE TABLE IF NOT EXISTS andon.meta (
      one            boolean PRIMARY KEY DEFAULT true CHECK (one),
      schema_version int     NOT NULL,
      oldest_writer  int     NOT NULL,
      cluster_id     uuid    NOT NULL DEFAULT gen_random_uuid(),
      layout         text    NOT NULL CHECK (layout IN ('native', 'timescale'))
    );
    CREATE TABLE IF NOT EXISTS andon.migration (
      number     int         PRIMARY KEY,
      name       text        NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now(),
      program    text        NOT NULL
    );
    """
}
