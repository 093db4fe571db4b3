-- What role auth may do: nothing but these functions. Each answers one question about a named tenant or key, so a
-- taken-over door cannot list what it does not already know, but for the tenants' ids (an administrator's verb).

CREATE FUNCTION auth_create_tenant(tenant text) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  WITH made AS (INSERT INTO tenants (tenant_id) VALUES (tenant) ON CONFLICT DO NOTHING RETURNING tenant_key)
  SELECT tenant_key FROM made
$$;

CREATE FUNCTION auth_create_project(tenant text, project text) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  WITH made AS (INSERT INTO projects (tenant_key, project_id)
    SELECT tenant_key, project FROM tenants WHERE tenant_id = tenant
    ON CONFLICT DO NOTHING RETURNING project_key)
  SELECT project_key FROM made
$$;

-- true where the tenant (and the project, if one is named) exists
CREATE FUNCTION auth_create_key(id text, tenant text, project text, name text, hash bytea, scopes text[])
RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  WITH made AS (INSERT INTO api_keys (key_id, tenant_key, project_key, name, key_hash, scopes)
    SELECT id, t.tenant_key, p.project_key, auth_create_key.name, hash, auth_create_key.scopes
      FROM tenants t
      LEFT JOIN projects p ON p.tenant_key = t.tenant_key AND p.project_id = project
     WHERE t.tenant_id = tenant AND (project IS NULL OR p.project_key IS NOT NULL)
    RETURNING 1)
  SELECT EXISTS (SELECT FROM made)
$$;

CREATE FUNCTION auth_find_key(hash bytea)
RETURNS TABLE (key_id text, tenant_id text, tenant_key int, project_id text, project_key int, scopes text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  SELECT k.key_id, t.tenant_id, k.tenant_key, p.project_id, k.project_key, k.scopes
    FROM api_keys k
    JOIN tenants t USING (tenant_key)
    LEFT JOIN projects p ON p.project_key = k.project_key
   WHERE k.key_hash = hash AND k.revoked_at IS NULL
$$;

CREATE FUNCTION auth_revoke_key(tenant text, id text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  WITH gone AS (UPDATE api_keys k SET revoked_at = now() FROM tenants t
     WHERE k.key_id = id AND t.tenant_key = k.tenant_key AND t.tenant_id = tenant AND k.revoked_at IS NULL
    RETURNING 1)
  SELECT EXISTS (SELECT FROM gone)
$$;

CREATE FUNCTION auth_list_keys(tenant text)
RETURNS TABLE (key_id text, project_id text, name text, scopes text[], created_at timestamptz,
  revoked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  SELECT k.key_id, p.project_id, k.name, k.scopes, k.created_at, k.revoked_at
    FROM api_keys k
    JOIN tenants t USING (tenant_key)
    LEFT JOIN projects p ON p.project_key = k.project_key
   WHERE t.tenant_id = tenant
   ORDER BY k.created_at, k.key_id
$$;

CREATE FUNCTION auth_resolve(tenant text, project text) RETURNS TABLE (tenant_key int, project_key int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  SELECT t.tenant_key, p.project_key
    FROM tenants t JOIN projects p USING (tenant_key)
   WHERE t.tenant_id = tenant AND p.project_id = project
$$;

CREATE FUNCTION auth_list_tenants() RETURNS TABLE (tenant_id text, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  SELECT tenant_id, created_at FROM tenants ORDER BY tenant_id
$$;

CREATE FUNCTION auth_list_projects(tenant text) RETURNS TABLE (project_id text, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  SELECT p.project_id, p.created_at
    FROM projects p JOIN tenants t USING (tenant_key)
   WHERE t.tenant_id = tenant ORDER BY p.project_id
$$;

-- A function changes hands only to a role that may create in the schema; the definer may just for this moment.
GRANT CREATE ON SCHEMA aegis TO aegis_definer;
DO $$
DECLARE
  f regprocedure;
BEGIN
  FOR f IN SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = 'aegis'::regnamespace AND p.proname LIKE 'auth\_%' LOOP
    -- in this order: once it has changed hands, what the owner grants and revokes has no effect
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO aegis_auth', f);
    EXECUTE format('ALTER FUNCTION %s OWNER TO aegis_definer', f);
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA aegis FROM aegis_definer;
