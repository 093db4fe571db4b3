-- A device's key is held to the tier of the key that paired it: a key of less is no way around it.
GRANT CREATE ON SCHEMA aegis TO aegis_definer;
SET LOCAL ROLE aegis_definer;
CREATE OR REPLACE FUNCTION auth_tiers(tenant text, id text) RETURNS TABLE (tenant_tier text, key_tier text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  SELECT t.tier, coalesce(k.tier, up.tier) FROM tenants t
    LEFT JOIN api_keys k ON k.tenant_key = t.tenant_key AND k.key_id = id
    LEFT JOIN api_keys up ON up.tenant_key = t.tenant_key AND up.key_id = k.parent_key_id
   WHERE t.tenant_id = tenant
$$;
RESET ROLE;
REVOKE CREATE ON SCHEMA aegis FROM aegis_definer;
