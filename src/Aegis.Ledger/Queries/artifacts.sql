-- name: artifacts.list
-- Of each artifact the newest version of those that are asked for.
SELECT artifact_id, version, run_id, task_id, path, media_type, document, status, bytes, content_hash, hash_prev,
       hash_curr, signature, key_id, signer, header, created_at, updated_at
  FROM artifacts_read a
 WHERE tenant_key = $1 AND project_key = $2
   AND ($3::text IS NULL OR run_id = $3) AND ($4::text IS NULL OR task_id = $4)
   AND ($5::text IS NULL OR starts_with(path, $5)) AND ($6::text IS NULL OR status = $6)
   AND ($7::timestamptz IS NULL OR (updated_at, artifact_id) < ($7, $8::text))
   AND NOT EXISTS (SELECT FROM artifacts_read n
        WHERE n.tenant_key = a.tenant_key AND n.project_key = a.project_key AND n.artifact_id = a.artifact_id
          AND n.version > a.version AND ($3::text IS NULL OR n.run_id = $3) AND ($4::text IS NULL OR n.task_id = $4))
 ORDER BY updated_at DESC, artifact_id DESC LIMIT $9

-- name: artifacts.find
SELECT artifact_id, version, run_id, task_id, path, media_type, document, status, bytes, content_hash, hash_prev,
       hash_curr, signature, key_id, signer, header, created_at, updated_at
  FROM artifacts_read
 WHERE tenant_key = $1 AND project_key = $2 AND artifact_id = $3 AND ($4::int IS NULL OR version = $4)
 ORDER BY version DESC LIMIT 1

-- name: artifacts.versions
SELECT artifact_id, version, run_id, task_id, path, media_type, document, status, bytes, content_hash, hash_prev,
       hash_curr, signature, key_id, signer, header, created_at, updated_at
  FROM artifacts_read
 WHERE tenant_key = $1 AND project_key = $2 AND artifact_id = $3 AND ($4::int IS NULL OR version < $4)
 ORDER BY version DESC LIMIT $5

-- name: artifacts.tail
SELECT version, type, at, payload, hash FROM events WHERE stream_key = $1 AND version < $2
 ORDER BY version DESC LIMIT $3

-- name: artifacts.reopen
-- An open stream is looked at again by who takes over after a crash: its newest row may not be there yet.
UPDATE streams SET closed = false, owner_node = $2 WHERE stream_key = $1

-- name: artifact_keys.lock
SELECT pg_advisory_xact_lock(hashtextextended('artifact_keys/' || $1::int || '/' || $2::int, 0))

-- name: artifact_keys.list
SELECT key_id, public_key, created_at, sealed, key_version FROM artifact_keys WHERE tenant_key = $1 AND project_key = $2
 ORDER BY created_at DESC, key_id

-- name: artifact_keys.add
INSERT INTO artifact_keys (tenant_key, project_key, key_id, public_key, sealed, key_version)
VALUES ($1, $2, $3, $4, $5, $6)
