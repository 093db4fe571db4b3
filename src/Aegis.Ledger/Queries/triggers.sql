-- Registered workflows, their schedules, and the starts that are due.

-- name: workflows.lock
SELECT pg_advisory_xact_lock(hashtextextended('workflows/' || $1::int || '/' || $2::int, 0))

-- name: workflows.count
SELECT count(*)::int FROM workflows WHERE tenant_key = $1 AND project_key = $2 AND name <> $3

-- name: workflows.put
-- A workflow that somebody disabled stays so when its file is put again.
INSERT INTO workflows (tenant_key, project_key, name, plan_id, workflow_hash, actor, scopes, triggers, repository, ref)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10)
ON CONFLICT (tenant_key, project_key, name) DO UPDATE SET plan_id = excluded.plan_id,
  workflow_hash = excluded.workflow_hash, actor = excluded.actor, scopes = excluded.scopes,
  triggers = excluded.triggers, repository = excluded.repository, ref = excluded.ref, updated_at = now()
RETURNING name, plan_id, workflow_hash, enabled, actor, scopes, triggers::text, repository, ref, updated_at

-- name: workflows.find
SELECT name, plan_id, workflow_hash, enabled, actor, scopes, triggers::text, repository, ref, updated_at
  FROM workflows WHERE tenant_key = $1 AND project_key = $2 AND name = $3

-- name: workflows.hold
-- The same, and nobody changes it until the transaction ends.
SELECT name, plan_id, workflow_hash, enabled, actor, scopes, triggers::text, repository, ref, updated_at
  FROM workflows WHERE tenant_key = $1 AND project_key = $2 AND name = $3 FOR UPDATE

-- name: workflows.list
SELECT name, plan_id, workflow_hash, enabled, actor, scopes, triggers::text, repository, ref, updated_at
  FROM workflows WHERE tenant_key = $1 AND project_key = $2 AND ($3::text IS NULL OR name > $3)
 ORDER BY name LIMIT $4

-- name: workflows.enable
UPDATE workflows SET enabled = $4, updated_at = now()
 WHERE tenant_key = $1 AND project_key = $2 AND name = $3
RETURNING name, plan_id, workflow_hash, enabled, actor, scopes, triggers::text, repository, ref, updated_at

-- name: workflows.delete
DELETE FROM workflows WHERE tenant_key = $1 AND project_key = $2 AND name = $3

-- name: schedules.now
SELECT now()

-- name: schedules.clear
DELETE FROM schedules WHERE tenant_key = $1 AND project_key = $2 AND workflow = $3

-- name: schedules.add
INSERT INTO schedules (tenant_key, project_key, workflow, idx, cron, timezone, missed, next_at, inputs)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: schedules.due
-- Another node's rows are passed over: two beats never deal with one line at once.
SELECT s.tenant_key, s.project_key, s.workflow, s.idx, s.cron, s.timezone, s.missed, s.next_at, now(),
       w.plan_id, w.actor, w.scopes, w.repository, w.ref, s.inputs
  FROM schedules s JOIN workflows w ON w.tenant_key = s.tenant_key AND w.project_key = s.project_key
       AND w.name = s.workflow
 WHERE s.next_at <= now() AND w.enabled ORDER BY s.next_at LIMIT $1
   FOR UPDATE OF s SKIP LOCKED

-- name: schedules.set_next
UPDATE schedules SET next_at = $5 WHERE tenant_key = $1 AND project_key = $2 AND workflow = $3 AND idx = $4

-- name: schedules.wait
-- Seconds until the next line is due, by the database's clock.
SELECT extract(epoch FROM min(s.next_at) - now())::float8
  FROM schedules s JOIN workflows w ON w.tenant_key = s.tenant_key AND w.project_key = s.project_key
       AND w.name = s.workflow
 WHERE w.enabled AND s.next_at IS NOT NULL

-- name: starts.pending_count
SELECT count(*)::int FROM (SELECT FROM trigger_starts
  WHERE tenant_key = $1 AND project_key = $2 AND status = 'pending' LIMIT $3) AS waiting

-- name: starts.add
INSERT INTO trigger_starts (tenant_key, project_key, run_id, workflow, cause, plan_id, actor, scopes, context,
  repository, ref, depth, status, error, inputs)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (tenant_key, project_key, workflow, cause) DO NOTHING

-- name: starts.due
SELECT s.tenant_key, s.project_key, t.tenant_id, p.project_id, s.run_id, s.workflow, s.plan_id, s.actor, s.scopes,
       s.context, s.repository, s.ref, s.attempts, s.inputs
  FROM trigger_starts s JOIN tenants t USING (tenant_key) JOIN projects p ON p.project_key = s.project_key
 WHERE s.status = 'pending' AND s.due_at <= now() ORDER BY s.due_at, s.created_at LIMIT 1
   FOR UPDATE OF s SKIP LOCKED

-- name: starts.ended
UPDATE trigger_starts SET status = $4, error = $5 WHERE tenant_key = $1 AND project_key = $2 AND run_id = $3

-- name: starts.later
UPDATE trigger_starts SET attempts = attempts + 1, error = $4, due_at = now() + $5 * interval '1 second'
 WHERE tenant_key = $1 AND project_key = $2 AND run_id = $3

-- name: starts.wait
SELECT extract(epoch FROM min(due_at) - now())::float8 FROM trigger_starts WHERE status = 'pending'

-- name: starts.of_run
SELECT workflow, depth FROM trigger_starts WHERE tenant_key = $1 AND project_key = $2 AND run_id = $3

-- name: starts.of_workflow
SELECT run_id, cause, status, error, created_at FROM trigger_starts
 WHERE tenant_key = $1 AND project_key = $2 AND workflow = $3 ORDER BY created_at DESC, run_id DESC LIMIT $4

-- name: starts.prune
DELETE FROM trigger_starts WHERE status <> 'pending' AND created_at < now() - $1 * interval '1 day'

-- name: hooks.remember
INSERT INTO hook_deliveries (tenant_key, project_key, hook, delivery) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING

-- name: hooks.prune
DELETE FROM hook_deliveries WHERE at < now() - $1 * interval '1 day'
