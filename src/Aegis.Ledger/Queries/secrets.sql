-- name: secrets.seal
SELECT salt, probe, generation FROM secret_seal

-- name: secrets.make_seal
INSERT INTO secret_seal (salt, probe) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: secrets.lock
-- Versions count from what is there, and so does the limit: two at once must not see the same.
SELECT pg_advisory_xact_lock(hashtextextended('secrets/' || $1::int || '/' || $2::int, 0))

-- name: secrets.count
SELECT count(*)::int, max(version) FILTER (WHERE name = $3) FROM secrets
 WHERE tenant_key = $1 AND project_key = $2

-- name: secrets.put
INSERT INTO secrets (tenant_key, project_key, name, version, actor) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_key, project_key, name) DO UPDATE
  SET version = excluded.version, actor = excluded.actor, updated_at = now()

-- name: secrets.end_versions
-- Those before end, one at its own time, all older ones now.
DELETE FROM secret_versions WHERE tenant_key = $1 AND project_key = $2 AND name = $3 AND version < $4

-- name: secrets.keep_version
-- The version before stays valid beside the new one.
UPDATE secret_versions SET expires_at = now() + $5 * interval '1 second'
 WHERE tenant_key = $1 AND project_key = $2 AND name = $3 AND version = $4
RETURNING expires_at

-- name: secrets.put_version
INSERT INTO secret_versions (tenant_key, project_key, name, version, key_version, sealed, fingerprint, actor)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: secrets.bind
UPDATE secrets SET hosts = $4, updated_at = now() WHERE tenant_key = $1 AND project_key = $2 AND name = $3

-- name: secrets.list
SELECT s.name, s.version, v.fingerprint, s.updated_at, s.hosts,
       (SELECT max(o.expires_at) FROM secret_versions o WHERE o.tenant_key = s.tenant_key
         AND o.project_key = s.project_key AND o.name = s.name AND o.expires_at > now())
  FROM secrets s JOIN secret_versions v USING (tenant_key, project_key, name, version)
 WHERE s.tenant_key = $1 AND s.project_key = $2 AND ($3::text IS NULL OR s.name > $3)
   AND ($5::text IS NULL OR s.name = $5)
 ORDER BY s.name LIMIT $4

-- name: secrets.hold
-- Nobody changes it until the transaction ends.
SELECT FROM secrets WHERE tenant_key = $1 AND project_key = $2 AND name = $3 FOR UPDATE

-- name: secrets.values
-- What is valid now, the newest first.
SELECT v.version, v.key_version, v.sealed, v.fingerprint, s.hosts
  FROM secret_versions v JOIN secrets s USING (tenant_key, project_key, name)
 WHERE v.tenant_key = $1 AND v.project_key = $2 AND v.name = $3 AND (v.expires_at IS NULL OR v.expires_at > now())
 ORDER BY v.version DESC LIMIT 10

-- name: secrets.bound
SELECT name FROM secrets WHERE tenant_key = $1 AND project_key = $2 AND hosts <> '{}' ORDER BY name LIMIT 1000

-- name: secrets.delete
DELETE FROM secrets WHERE tenant_key = $1 AND project_key = $2 AND name = $3 RETURNING version

-- name: secrets.forget_expired
DELETE FROM secret_versions WHERE expires_at < now()

-- name: data_keys.hold
-- Until the end of the transaction no key of the tenant goes: what is sealed with the newest can be written.
SELECT pg_advisory_xact_lock_shared(hashtextextended('data_keys/' || $1::int, 0))

-- name: data_keys.hold_alone
SELECT pg_advisory_xact_lock(hashtextextended('data_keys/' || $1::int, 0))

-- name: data_keys.newest
SELECT key_version, wrapped FROM tenant_data_keys WHERE tenant_key = $1 ORDER BY key_version DESC LIMIT 1

-- name: data_keys.find
SELECT key_version, wrapped FROM tenant_data_keys WHERE tenant_key = $1 AND key_version = $2

-- name: data_keys.add
-- Wrapped by the master key of this generation: after a rotation of it there is no row to select.
INSERT INTO tenant_data_keys (tenant_key, key_version, wrapped)
SELECT $1, $2, $3 FROM secret_seal WHERE generation = $4 ON CONFLICT DO NOTHING

-- name: data_keys.tenant
SELECT tenant_key FROM tenants WHERE tenant_id = $1

-- name: data_keys.drop_unused
DELETE FROM tenant_data_keys k WHERE tenant_key = $1 AND key_version < $2
  AND NOT EXISTS (SELECT FROM secret_versions v WHERE v.tenant_key = k.tenant_key AND v.key_version = k.key_version)
  AND NOT EXISTS (SELECT FROM artifact_keys a WHERE a.tenant_key = k.tenant_key AND a.key_version = k.key_version)
  AND NOT EXISTS (SELECT FROM stack_files s WHERE s.tenant_key = k.tenant_key AND s.key_version = k.key_version)

-- name: data_keys.first_format
-- Tenants of whom something is sealed with the master key itself, as earlier servers did.
SELECT t.tenant_key, t.tenant_id FROM tenants t
 WHERE EXISTS (SELECT FROM secret_versions v WHERE v.tenant_key = t.tenant_key AND v.key_version IS NULL)
    OR EXISTS (SELECT FROM artifact_keys a WHERE a.tenant_key = t.tenant_key AND a.key_version IS NULL)
 ORDER BY t.tenant_key

-- name: reseal.secrets
SELECT v.project_key, p.project_id, v.name, v.version, v.key_version, v.sealed
  FROM secret_versions v JOIN projects p ON p.project_key = v.project_key
 WHERE v.tenant_key = $1 AND v.key_version IS DISTINCT FROM $2 AND (v.project_key, v.name, v.version) > ($3, $4, $5)
 ORDER BY v.project_key, v.name, v.version LIMIT $6 FOR UPDATE OF v

-- name: reseal.put_secret
UPDATE secret_versions SET key_version = $5, sealed = $6, fingerprint = $7
 WHERE tenant_key = $1 AND project_key = $2 AND name = $3 AND version = $4

-- name: reseal.artifact_keys
SELECT a.project_key, p.project_id, a.key_id, 0, a.key_version, a.sealed
  FROM artifact_keys a JOIN projects p ON p.project_key = a.project_key
 WHERE a.tenant_key = $1 AND a.key_version IS DISTINCT FROM $2 AND (a.project_key, a.key_id, 0) > ($3, $4, $5)
 ORDER BY a.project_key, a.key_id LIMIT $6 FOR UPDATE OF a

-- name: reseal.put_artifact_key
UPDATE artifact_keys SET key_version = $4, sealed = $5 WHERE tenant_key = $1 AND project_key = $2 AND key_id = $3

-- name: reseal.stack_keys
SELECT f.project_key, p.project_id, f.name || '/' || f.kind, f.version, f.key_version, f.sealed_key
  FROM stack_files f JOIN projects p ON p.project_key = f.project_key
 WHERE f.tenant_key = $1 AND f.key_version <> $2 AND (f.project_key, f.name || '/' || f.kind, f.version) > ($3, $4, $5)
 ORDER BY f.project_key, f.name || '/' || f.kind, f.version LIMIT $6 FOR UPDATE OF f

-- name: reseal.put_stack_key
UPDATE stack_files SET key_version = $5, sealed_key = $6
 WHERE tenant_key = $1 AND project_key = $2 AND name || '/' || kind = $3 AND version = $4

-- name: master.hold
-- Nobody wraps a key meanwhile, and nobody else changes the master key.
LOCK TABLE tenant_data_keys IN SHARE ROW EXCLUSIVE MODE

-- name: master.keys
SELECT k.tenant_key, t.tenant_id, k.key_version, k.wrapped
  FROM tenant_data_keys k JOIN tenants t USING (tenant_key) ORDER BY k.tenant_key, k.key_version

-- name: master.put_key
UPDATE tenant_data_keys SET wrapped = $3 WHERE tenant_key = $1 AND key_version = $2

-- name: master.put_seal
UPDATE secret_seal SET salt = $1, probe = $2, generation = $3 WHERE generation = $3 - 1

-- name: secret_facts.add
INSERT INTO secret_facts (tenant_key, project_key, stream_id, type, payload) VALUES ($1, $2, $3, $4, $5)

-- name: secret_facts.add_everywhere
-- What concerns a whole tenant, or all of them, stands in each of their projects.
INSERT INTO secret_facts (tenant_key, project_key, stream_id, type, payload)
SELECT tenant_key, project_key, $2, $3, $4 FROM projects WHERE $1::int IS NULL OR tenant_key = $1

-- name: secret_facts.hold
-- One mover at a time, over all nodes, so that a stream has one writer.
SELECT pg_advisory_xact_lock(hashtextextended('secret_facts', 0))

-- name: secret_facts.read
SELECT f.fact_id, f.tenant_key, f.project_key, t.tenant_id, p.project_id, f.stream_id, f.type, f.at, f.payload
  FROM secret_facts f JOIN tenants t USING (tenant_key) JOIN projects p ON p.project_key = f.project_key
 ORDER BY f.fact_id LIMIT $1

-- name: secret_facts.delete
DELETE FROM secret_facts WHERE fact_id = ANY($1)
