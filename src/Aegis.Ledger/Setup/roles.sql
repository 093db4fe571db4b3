-- Run as the administrator, at every start; it changes nothing where all is in place. Roles belong to the whole
-- cluster, so two databases of the ledger on one cluster share them.
SELECT pg_advisory_lock(7304120010);

DO $$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['aegis_owner', 'aegis_app', 'aegis_app_tenant', 'aegis_engine', 'aegis_auth'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', role);
    END IF;
  END LOOP;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'aegis_definer') THEN
    CREATE ROLE aegis_definer NOLOGIN NOINHERIT;
  END IF;
  -- the owner hands functions over to the definer; NOINHERIT keeps the definer's policies from the owner
  IF NOT pg_has_role('aegis_owner', 'aegis_definer', 'MEMBER') THEN
    GRANT aegis_definer TO aegis_owner;
  END IF;
  IF NOT pg_has_role(current_user, 'aegis_owner', 'MEMBER') THEN
    EXECUTE format('GRANT aegis_owner TO %I', current_user);
  END IF;
END $$;

SELECT pg_advisory_unlock(7304120010);
