-- Run as the administrator in the ledger's database. Everything lives in a schema of its own, so that a database
-- that someone else made and uses can hold a ledger too.
SELECT pg_advisory_lock(7304120011);

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'aegis') THEN
    CREATE SCHEMA aegis AUTHORIZATION aegis_owner;
    GRANT USAGE ON SCHEMA aegis TO aegis_app, aegis_app_tenant, aegis_engine, aegis_auth, aegis_definer;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO aegis_owner, aegis_app, aegis_app_tenant, aegis_engine, '
      'aegis_auth', current_database());
    EXECUTE format('ALTER DATABASE %I SET search_path = aegis', current_database());
  END IF;
  -- a pooled connection goes on to the next caller as it is: what one made in it, the next would meet
  IF has_database_privilege('aegis_app', current_database(), 'TEMPORARY') THEN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  END IF;
END $$;

-- Likeness of texts, for the search in vaccines. Where the extension cannot be had, that search goes by words alone.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN
    CREATE SCHEMA IF NOT EXISTS aegis_extensions;
    GRANT USAGE ON SCHEMA aegis_extensions TO aegis_owner, aegis_app;
    CREATE EXTENSION pg_trgm SCHEMA aegis_extensions;
  END IF;
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
  NULL;
END $$;

SELECT pg_advisory_unlock(7304120011);
