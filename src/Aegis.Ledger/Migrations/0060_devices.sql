-- Devices. An offer lasts while somebody waits for a device to pair; what was paired has a key of its own, which is
-- never worth more than the key of who paired it, and ends with it. Codes are nowhere: they follow from the pairing's
-- id and the installation's key.
ALTER TABLE api_keys ADD COLUMN parent_key_id text NULL;

CREATE TABLE pairing_offers (
  tenant_key  int    NOT NULL REFERENCES tenants,
  project_key int    NOT NULL REFERENCES projects,
  offer_id    text   NOT NULL,
  token_hash  bytea  NOT NULL CONSTRAINT pairing_offers_hash_length CHECK (octet_length(token_hash) = 32),
  key_id      text   NOT NULL,
  scopes      text[] NOT NULL CONSTRAINT pairing_offers_scopes_count CHECK (cardinality(scopes) BETWEEN 1 AND 64),
  -- wrong codes since the last right one
  tries       int    NOT NULL DEFAULT 0 CONSTRAINT pairing_offers_tries CHECK (tries BETWEEN 0 AND 5),
  created_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_key, project_key, offer_id)
);

CREATE TABLE pairings (
  tenant_key   int  NOT NULL,
  project_key  int  NOT NULL,
  offer_id     text NOT NULL,
  pairing_id   text NOT NULL,
  device_kind  text NOT NULL,
  device_name  text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  confirmed_at timestamptz NULL,
  PRIMARY KEY (tenant_key, project_key, pairing_id),
  CONSTRAINT pairings_offer FOREIGN KEY (tenant_key, project_key, offer_id)
    REFERENCES pairing_offers ON DELETE CASCADE
);
CREATE INDEX pairings_of_offer ON pairings (tenant_key, project_key, offer_id, created_at DESC);

CREATE TABLE devices (
  tenant_key  int  NOT NULL REFERENCES tenants,
  project_key int  NOT NULL REFERENCES projects,
  device_id   text NOT NULL,
  key_id      text NOT NULL,
  kind        text NOT NULL,
  name        text NOT NULL,
  scopes      text[] NOT NULL,
  paired_by   text NOT NULL,
  paired_at   timestamptz NOT NULL DEFAULT now(),
  revoked_at  timestamptz NULL,
  PRIMARY KEY (tenant_key, project_key, device_id)
);
CREATE INDEX devices_of_key ON devices (tenant_key, project_key, key_id);

SELECT isolate('pairing_offers');
SELECT isolate('pairings');
SELECT isolate('devices');
GRANT SELECT, INSERT, UPDATE (tries), DELETE ON pairing_offers TO aegis_app;
GRANT SELECT, INSERT, UPDATE (confirmed_at) ON pairings TO aegis_app;
GRANT SELECT, INSERT, UPDATE (revoked_at) ON devices TO aegis_app;
GRANT SELECT ON pairing_offers TO aegis_definer;
CREATE POLICY of_definer ON pairing_offers TO aegis_definer USING (true);

-- false where who pairs is no key of that tenant that still lives
CREATE FUNCTION auth_create_device_key(id text, tenant text, project text, name text, hash bytea, scopes text[],
  parent text)
RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  WITH made AS (INSERT INTO api_keys (key_id, tenant_key, project_key, name, key_hash, scopes, parent_key_id)
    SELECT id, t.tenant_key, p.project_key, auth_create_device_key.name, hash, auth_create_device_key.scopes, up.key_id
      FROM tenants t
      JOIN projects p ON p.tenant_key = t.tenant_key AND p.project_id = project
      JOIN api_keys up ON up.tenant_key = t.tenant_key AND up.key_id = parent AND up.revoked_at IS NULL
       AND up.parent_key_id IS NULL AND (up.project_key IS NULL OR up.project_key = p.project_key)
     WHERE t.tenant_id = tenant
    RETURNING 1)
  SELECT EXISTS (SELECT FROM made)
$$;

-- Whom an offer's token stands for; none where who offered it lost the key.
CREATE FUNCTION auth_find_offer(id text, hash bytea)
RETURNS TABLE (tenant_id text, tenant_key int, project_id text, project_key int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  SELECT t.tenant_id, o.tenant_key, p.project_id, o.project_key
    FROM pairing_offers o
    JOIN tenants t USING (tenant_key)
    JOIN projects p USING (project_key)
    JOIN api_keys k ON k.key_id = o.key_id AND k.tenant_key = o.tenant_key AND k.revoked_at IS NULL
   WHERE o.offer_id = id AND o.token_hash = hash AND o.expires_at > now()
$$;

GRANT CREATE ON SCHEMA aegis TO aegis_definer;
-- A device's key is worth nothing once the key of who paired it is not.
SET LOCAL ROLE aegis_definer;
CREATE OR REPLACE FUNCTION auth_find_key(hash bytea)
RETURNS TABLE (key_id text, tenant_id text, tenant_key int, project_id text, project_key int, scopes text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  SELECT k.key_id, t.tenant_id, k.tenant_key, p.project_id, k.project_key, k.scopes
    FROM api_keys k
    JOIN tenants t USING (tenant_key)
    LEFT JOIN projects p ON p.project_key = k.project_key
   WHERE k.key_hash = hash AND k.revoked_at IS NULL
     AND (k.parent_key_id IS NULL OR EXISTS (SELECT FROM api_keys up
           WHERE up.key_id = k.parent_key_id AND up.tenant_key = k.tenant_key AND up.revoked_at IS NULL))
$$;
RESET ROLE;

DO $$
DECLARE
  f regprocedure;
BEGIN
  FOR f IN SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = 'aegis'::regnamespace AND p.proname IN ('auth_create_device_key', 'auth_find_offer') LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO aegis_auth', f);
    EXECUTE format('ALTER FUNCTION %s OWNER TO aegis_definer', f);
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA aegis FROM aegis_definer;
