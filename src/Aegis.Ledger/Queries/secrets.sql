-- name: secrets.seal
SELECT salt, probe FROM secret_seal

-- name: secrets.make_seal
INSERT INTO secret_seal (salt, probe) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: secrets.lock
-- Versions count from what is there, and so does the limit: two at once must not see the same.
SELECT pg_advisory_xact_lock(hashtextextended('secrets/' || $1::int || '/' || $2::int, 0))

-- name: secrets.count
SELECT count(*)::int, max(version) FILTER (WHERE name = $3) FROM secrets
 WHERE tenant_key = $1 AND project_key = $2

-- name: secrets.put
INSERT INTO secrets (tenant_key, project_key, name, version, sealed, fingerprint, actor)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_key, project_key, name) DO UPDATE SET version = excluded.version, sealed = excluded.sealed,
  fingerprint = excluded.fingerprint, actor = excluded.actor, updated_at = now()
RETURNING name, version, fingerprint, updated_at

-- name: secrets.describe
SELECT name, version, fingerprint, updated_at FROM secrets
 WHERE tenant_key = $1 AND project_key = $2 AND name = $3

-- name: secrets.hold
-- The same, and nobody changes it until the transaction ends.
SELECT name, version, fingerprint, updated_at FROM secrets
 WHERE tenant_key = $1 AND project_key = $2 AND name = $3 FOR UPDATE

-- name: secrets.list
SELECT name, version, fingerprint, updated_at FROM secrets
 WHERE tenant_key = $1 AND project_key = $2 AND ($3::text IS NULL OR name > $3)
 ORDER BY name LIMIT $4

-- name: secrets.find
SELECT version, sealed FROM secrets WHERE tenant_key = $1 AND project_key = $2 AND name = $3

-- name: secrets.delete
DELETE FROM secrets WHERE tenant_key = $1 AND project_key = $2 AND name = $3
