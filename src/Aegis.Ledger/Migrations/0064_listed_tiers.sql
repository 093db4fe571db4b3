-- Lists of tenants and keys show the tier by which a call is judged: of a device's key that of the key that paired it.
GRANT CREATE ON SCHEMA aegis TO aegis_definer;
SET LOCAL ROLE aegis_definer;
DROP FUNCTION auth_list_keys(text);
DROP FUNCTION auth_list_tenants();
RESET ROLE;

CREATE FUNCTION auth_list_keys(tenant text)
RETURNS TABLE (key_id text, project_id text, name text, scopes text[], created_at timestamptz,
  revoked_at timestamptz, tier text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  SELECT k.key_id, p.project_id, k.name, k.scopes, k.created_at, k.revoked_at, coalesce(k.tier, up.tier)
    FROM api_keys k
    JOIN tenants t USING (tenant_key)
    LEFT JOIN projects p ON p.project_key = k.project_key
    LEFT JOIN api_keys up ON up.tenant_key = t.tenant_key AND up.key_id = k.parent_key_id
   WHERE t.tenant_id = tenant
   ORDER BY k.created_at, k.key_id
$$;

CREATE FUNCTION auth_list_tenants() RETURNS TABLE (tenant_id text, created_at timestamptz, tier text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  SELECT tenant_id, created_at, tier FROM tenants ORDER BY tenant_id
$$;

REVOKE CREATE ON SCHEMA aegis FROM aegis_definer;
SELECT give_to_definer('auth_list_keys', 'auth_list_tenants');
