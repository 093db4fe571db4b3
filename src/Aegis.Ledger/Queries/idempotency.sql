-- Requests that carry an Idempotency-Key.

-- name: idempotency.claim
-- The id of the run that the request may start; no row where the key is answered, held, or another request's. A row
-- older than it is kept counts as none.
INSERT INTO idempotency_keys AS k (tenant_key, project_key, actor, key, fingerprint, run_id, held_until)
VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
ON CONFLICT (tenant_key, project_key, actor, key) DO UPDATE SET
  fingerprint = excluded.fingerprint, held_until = excluded.held_until,
  run_id = CASE WHEN k.created_at < now() - $8 * interval '1 hour' THEN excluded.run_id ELSE k.run_id END,
  created_at = CASE WHEN k.created_at < now() - $8 * interval '1 hour' THEN now() ELSE k.created_at END,
  status = NULL, media_type = NULL, location = NULL, body = NULL
 WHERE k.created_at < now() - $8 * interval '1 hour'
    OR (k.status IS NULL AND k.held_until <= now() AND k.fingerprint = excluded.fingerprint)
RETURNING run_id

-- name: idempotency.find
SELECT fingerprint = $5, status, media_type, location, body FROM idempotency_keys
 WHERE tenant_key = $1 AND project_key = $2 AND actor = $3 AND key = $4

-- name: idempotency.hold
-- Longer, or no longer at all.
UPDATE idempotency_keys SET held_until = now() + $5 * interval '1 second'
 WHERE tenant_key = $1 AND project_key = $2 AND actor = $3 AND key = $4 AND status IS NULL

-- name: idempotency.answer
UPDATE idempotency_keys SET status = $5, media_type = $6, location = $7, body = $8
 WHERE tenant_key = $1 AND project_key = $2 AND actor = $3 AND key = $4

-- name: idempotency.prune
DELETE FROM idempotency_keys WHERE created_at < now() - $1 * interval '1 hour'
