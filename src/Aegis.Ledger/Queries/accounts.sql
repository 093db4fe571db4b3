-- Accounts. Role auth reaches them only through SECURITY DEFINER functions (migration 0011).

-- name: accounts.create_tenant
SELECT auth_create_tenant($1)

-- name: accounts.create_project
SELECT auth_create_project($1, $2)

-- name: accounts.create_key
SELECT auth_create_key($1, $2, $3, $4, $5, $6)

-- name: accounts.find_key
SELECT key_id, tenant_id, tenant_key, project_id, project_key, scopes FROM auth_find_key($1)

-- name: accounts.revoke_key
SELECT auth_revoke_key($1, $2)

-- name: accounts.list_keys
SELECT key_id, project_id, name, scopes, created_at, revoked_at, tier FROM auth_list_keys($1)
 WHERE ($2::timestamptz IS NULL OR (created_at, key_id) > ($2::timestamptz, $3::text))
   AND ($4::text IS NULL OR project_id = $4)
 ORDER BY created_at, key_id LIMIT $5

-- name: accounts.resolve
SELECT tenant_key, project_key FROM auth_resolve($1, $2)

-- name: accounts.set_tenant_tier
SELECT auth_set_tenant_tier($1, $2)

-- name: accounts.set_key_tier
SELECT auth_set_key_tier($1, $2, $3)

-- name: accounts.tiers
SELECT tenant_tier, key_tier FROM auth_tiers($1, $2)

-- name: accounts.list_tenants
SELECT tenant_id, created_at, tier FROM auth_list_tenants()
 WHERE $1::text IS NULL OR tenant_id > $1 ORDER BY tenant_id LIMIT $2

-- name: accounts.list_projects
SELECT project_id, created_at, NULL::text FROM auth_list_projects($1)
 WHERE ($2::text IS NULL OR project_id > $2) AND ($3::text IS NULL OR project_id = $3)
 ORDER BY project_id LIMIT $4

-- name: profiles.newest
SELECT version, yaml, files::text, created_by, created_at FROM profiles
 WHERE tenant_key = $1 AND project_key = $2 ORDER BY version DESC LIMIT 1

-- name: profiles.of_version
SELECT version, yaml, files::text, created_by, created_at FROM profiles
 WHERE tenant_key = $1 AND project_key = $2 AND version = $3

-- name: profiles.lock
-- Versions count from the newest: two at once must not see the same.
SELECT pg_advisory_xact_lock(hashtextextended('profiles/' || $1::int || '/' || $2::int, 0))

-- name: profiles.add
-- Nodes keep the newest version in memory: they are told of a newer one.
WITH added AS (
  INSERT INTO profiles (tenant_key, project_key, version, yaml, files, created_by)
  SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4::jsonb, $5
    FROM profiles WHERE tenant_key = $1 AND project_key = $2
  RETURNING version
)
SELECT version, pg_notify('aegis_profiles', $1 || '.' || $2) FROM added

-- name: accounts.create_guest_key
SELECT auth_create_guest_key($1, $2, $3, $4, $5, $6, $7, $8 * interval '1 second')
