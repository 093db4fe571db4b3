-- States and plans of stacks.

-- name: stacks.hold
SELECT pg_advisory_xact_lock(hashtextextended('stacks/' || $1::int || '/' || $2::int || '/' || $3::text, 0))

-- name: stacks.next
SELECT coalesce(max(version), 0) + 1 FROM stack_files
 WHERE tenant_key = $1 AND project_key = $2 AND name = $3 AND kind = $4

-- name: stacks.add
INSERT INTO stack_files (tenant_key, project_key, name, kind, version, blob_hash, blob_bytes, digest, base, note, call_id,
  actor, key_version, sealed_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)

-- name: stacks.list
SELECT version, blob_hash, blob_bytes, digest, base, note, call_id, actor, made_at, used, used_by, key_version, sealed_key
  FROM stack_files
 WHERE tenant_key = $1 AND project_key = $2 AND name = $3 AND kind = $4
 ORDER BY version DESC LIMIT $5

-- name: stacks.use
UPDATE stack_files SET used = $5, used_by = $6
 WHERE tenant_key = $1 AND project_key = $2 AND name = $3 AND kind = 'plan' AND version = $4
   AND (used IS NULL OR (used = 'started' AND used_by = $6))

-- name: stacks.forget
DELETE FROM stack_files WHERE tenant_key = $1 AND project_key = $2 AND name = $3 AND kind = $4 AND version <= $5
RETURNING blob_hash, blob_bytes
