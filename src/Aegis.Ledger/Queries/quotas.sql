-- What months' quotas have given away, as role engine.

-- name: quotas.hold
-- Locks the row until the transaction ends, so that what is added is added to what was seen.
INSERT INTO quota_used AS q (tenant_key, holder, quota, month) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_key, holder, quota, month) DO UPDATE SET used = q.used RETURNING used

-- name: quotas.used
SELECT used FROM quota_used WHERE tenant_key = $1 AND holder = $2 AND quota = $3 AND month = $4

-- name: quotas.add
UPDATE quota_used SET used = greatest(0, used + $5)
 WHERE tenant_key = $1 AND holder = $2 AND quota = $3 AND month = $4
