-- Webhooks that go out, and the feed of run events that they live on.

-- name: webhooks.lock
SELECT pg_advisory_xact_lock(hashtextextended('webhooks/' || $1::int || '/' || $2::int, 0))

-- name: webhooks.count
SELECT count(*)::int FROM webhooks WHERE tenant_key = $1 AND project_key = $2

-- name: webhooks.add
INSERT INTO webhooks (tenant_key, project_key, webhook_id, url, events, secret_name, actor)
VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING webhook_id, url, events, secret_name, enabled, actor, created_at

-- name: webhooks.list
SELECT webhook_id, url, events, secret_name, enabled, actor, created_at FROM webhooks
 WHERE tenant_key = $1 AND project_key = $2
   AND ($3::timestamptz IS NULL OR (created_at, webhook_id) > ($3::timestamptz, $4::text))
 ORDER BY created_at, webhook_id LIMIT $5

-- name: webhooks.find
SELECT webhook_id, url, events, secret_name, enabled, actor, created_at FROM webhooks
 WHERE tenant_key = $1 AND project_key = $2 AND webhook_id = $3

-- name: webhooks.hold
-- The same, and nobody changes it until the transaction ends.
SELECT webhook_id, url, events, secret_name, enabled, actor, created_at FROM webhooks
 WHERE tenant_key = $1 AND project_key = $2 AND webhook_id = $3 FOR UPDATE

-- name: webhooks.enable
UPDATE webhooks SET enabled = $4 WHERE tenant_key = $1 AND project_key = $2 AND webhook_id = $3
RETURNING webhook_id, url, events, secret_name, enabled, actor, created_at

-- name: webhooks.delete
DELETE FROM webhooks WHERE tenant_key = $1 AND project_key = $2 AND webhook_id = $3

-- name: deliveries.list
SELECT delivery_id, event, run_id, status, attempts, next_at, response_code, last_error, created_at, updated_at
  FROM webhook_deliveries WHERE tenant_key = $1 AND project_key = $2 AND webhook_id = $3
   AND ($4::text IS NULL OR status = $4)
   AND ($5::timestamptz IS NULL OR (created_at, delivery_id) < ($5::timestamptz, $6::text))
 ORDER BY created_at DESC, delivery_id DESC LIMIT $7

-- name: deliveries.again
UPDATE webhook_deliveries SET status = 'pending', attempts = 0, next_at = now(), updated_at = now()
 WHERE tenant_key = $1 AND project_key = $2 AND webhook_id = $3 AND delivery_id = $4 AND status <> 'pending'
RETURNING delivery_id, event, run_id, status, attempts, next_at, response_code, last_error, created_at, updated_at

-- name: deliveries.find
SELECT delivery_id, event, run_id, status, attempts, next_at, response_code, last_error, created_at, updated_at
  FROM webhook_deliveries WHERE tenant_key = $1 AND project_key = $2 AND webhook_id = $3 AND delivery_id = $4

-- name: deliveries.add
-- For every enabled webhook of the project that wants this event. A receiver that takes nothing must not fill the
-- ledger: past the limit of its backlog a delivery is dead from the start.
INSERT INTO webhook_deliveries (tenant_key, project_key, delivery_id, webhook_id, event, run_id, body, status,
  last_error)
SELECT w.tenant_key, w.project_key, $3 || '_' || substr(md5(w.webhook_id), 1, 12), w.webhook_id, $4, $5, $6,
       CASE WHEN backlog.is_full THEN 'dead' ELSE 'pending' END,
       CASE WHEN backlog.is_full THEN 'the backlog of this webhook is full' END
  FROM webhooks w,
       LATERAL (SELECT count(*) >= $7 AS is_full FROM (SELECT FROM webhook_deliveries d
         WHERE d.tenant_key = w.tenant_key AND d.project_key = w.project_key AND d.webhook_id = w.webhook_id
           AND d.status = 'pending' LIMIT $7) AS waiting) AS backlog
 WHERE w.tenant_key = $1 AND w.project_key = $2 AND w.enabled AND $4 = ANY(w.events)
ON CONFLICT DO NOTHING

-- name: deliveries.claim
-- The lease: a node that dies during a try leaves the row to whoever comes after it.
UPDATE webhook_deliveries d SET attempts = d.attempts + 1, next_at = now() + $2 * interval '1 second',
  updated_at = now()
FROM (SELECT tenant_key, project_key, delivery_id FROM webhook_deliveries
       WHERE status = 'pending' AND next_at <= now() ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED) AS due,
  webhooks w, tenants t, projects p
WHERE d.tenant_key = due.tenant_key AND d.project_key = due.project_key AND d.delivery_id = due.delivery_id
  AND w.tenant_key = d.tenant_key AND w.project_key = d.project_key AND w.webhook_id = d.webhook_id
  AND t.tenant_key = d.tenant_key AND p.project_key = d.project_key
RETURNING d.tenant_key, d.project_key, t.tenant_id, p.project_id, d.delivery_id, d.webhook_id, d.body, d.attempts,
  w.url, w.secret_name, w.enabled

-- name: deliveries.ended
UPDATE webhook_deliveries SET status = $4, response_code = $5, last_error = $6, updated_at = now(),
  next_at = now() + $7 * interval '1 second'
 WHERE tenant_key = $1 AND project_key = $2 AND delivery_id = $3 AND status = 'pending'

-- name: deliveries.wait
SELECT extract(epoch FROM min(next_at) - now())::float8 FROM webhook_deliveries WHERE status = 'pending'

-- name: deliveries.prune
DELETE FROM webhook_deliveries WHERE status <> 'pending' AND created_at < now() - $1 * interval '1 day'

-- name: run_feed.lock
-- A database that was restored from a dump counts its transactions anew: such a cursor begins again at now.
SELECT CASE WHEN xid > pg_snapshot_xmax(pg_current_snapshot()) THEN pg_snapshot_xmin(pg_current_snapshot())
       ELSE xid END::text,
       CASE WHEN xid > pg_snapshot_xmax(pg_current_snapshot()) THEN 0 ELSE position END
  FROM feed_cursors WHERE reader = 'runs' FOR UPDATE SKIP LOCKED

-- name: run_feed.read
-- Gap-free below the snapshot's xmin, as feed.read is. The first event of a run's stream says what run it is.
SELECT e.xid::text, e.position, e.tenant_key, e.project_key, e.at, e.type, e.payload, e.version, s.stream_id, t.tenant_id,
       p.project_id, f.payload
  FROM events e JOIN streams s USING (stream_key) JOIN tenants t ON t.tenant_key = e.tenant_key
  JOIN projects p ON p.project_key = e.project_key
  JOIN events f ON f.stream_key = e.stream_key AND f.version = 1
 WHERE e.type IN ('RunStarted', 'PlanCompleted', 'RunFailed', 'RunCancelled', 'ApprovalRequested')
   AND (e.xid, e.position) > ($1::text::xid8, $2) AND e.xid < pg_snapshot_xmin(pg_current_snapshot())
 ORDER BY e.xid, e.position LIMIT $3

-- name: run_feed.more
-- Whether anything stands behind the cursor, settled or not: it will be asked for again soon then.
SELECT EXISTS (SELECT FROM events e
 WHERE e.type IN ('RunStarted', 'PlanCompleted', 'RunFailed', 'RunCancelled', 'ApprovalRequested')
   AND (e.xid, e.position) > ($1::text::xid8, $2))

-- name: run_feed.move
UPDATE feed_cursors SET xid = $1::text::xid8, position = $2 WHERE reader = 'runs'
