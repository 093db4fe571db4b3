-- A tier of a tenant or a key: which commands its calls may run and how much it may use. Which tiers there are is the
-- installation's file (allowlist.json), not the database's: a name that the file does not know allows nothing.

ALTER TABLE tenants ADD COLUMN tier text NULL
  CONSTRAINT tenants_tier_form CHECK (tier ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$');
ALTER TABLE api_keys ADD COLUMN tier text NULL
  CONSTRAINT api_keys_tier_form CHECK (tier ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$');

GRANT UPDATE (tier) ON tenants, api_keys TO aegis_definer;

CREATE FUNCTION auth_set_tenant_tier(tenant text, wanted text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  WITH changed AS (UPDATE tenants SET tier = wanted WHERE tenant_id = tenant RETURNING 1)
  SELECT EXISTS (SELECT FROM changed)
$$;

CREATE FUNCTION auth_set_key_tier(tenant text, id text, wanted text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  WITH changed AS (UPDATE api_keys k SET tier = wanted FROM tenants t
     WHERE k.key_id = id AND t.tenant_key = k.tenant_key AND t.tenant_id = tenant AND k.revoked_at IS NULL
    RETURNING 1)
  SELECT EXISTS (SELECT FROM changed)
$$;

-- Of a revoked key too: what it started is still judged by its tier.
CREATE FUNCTION auth_tiers(tenant text, id text) RETURNS TABLE (tenant_tier text, key_tier text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  SELECT t.tier, k.tier FROM tenants t
    LEFT JOIN api_keys k ON k.tenant_key = t.tenant_key AND k.key_id = id
   WHERE t.tenant_id = tenant
$$;

GRANT CREATE ON SCHEMA aegis TO aegis_definer;
DO $$
DECLARE
  f regprocedure;
BEGIN
  FOR f IN SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = 'aegis'::regnamespace
      AND p.proname IN ('auth_set_tenant_tier', 'auth_set_key_tier', 'auth_tiers') LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO aegis_auth', f);
    EXECUTE format('ALTER FUNCTION %s OWNER TO aegis_definer', f);
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA aegis FROM aegis_definer;
