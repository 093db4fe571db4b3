-- What the doors read, as role app under row level security. The tenant and project are named again so that
-- the indexes, which begin with them, are used.

-- name: reads.plan
SELECT plan_id, name, workflow_hash, tasks, newest_run_id, created_at FROM plans_read
 WHERE tenant_key = $1 AND project_key = $2 AND plan_id = $3


-- name: reads.runs_of_plan
SELECT run_id, plan_id, name, status, reason, actor, tasks_total, tasks_done, cost_usd, created_at,
       updated_at, ended_at, parent_run, parent_step, retry_of
  FROM runs_read WHERE tenant_key = $1 AND project_key = $2 AND plan_id = $3
 ORDER BY created_at DESC, run_id DESC LIMIT $4

-- name: reads.run
SELECT run_id, plan_id, name, status, reason, actor, tasks_total, tasks_done, cost_usd, created_at,
       updated_at, ended_at, parent_run, parent_step, retry_of, outputs
  FROM runs_read WHERE tenant_key = $1 AND project_key = $2 AND run_id = $3

-- name: reads.runs
SELECT run_id, plan_id, name, status, reason, actor, tasks_total, tasks_done, cost_usd, created_at,
       updated_at, ended_at, parent_run, parent_step, retry_of
  FROM runs_read
 WHERE tenant_key = $1 AND project_key = $2 AND ($3::text IS NULL OR status = $3)
   AND ($4::timestamptz IS NULL OR (created_at, run_id) < ($4, $5::text))
   AND ($7::text IS NULL OR parent_run = $7)
   AND ($8::text IS NULL OR name = $8) AND ($13::text IS NULL OR starts_with(name, $13)) AND ($9::text IS NULL OR plan_id = $9)
   AND ($10::text IS NULL OR actor = $10)
   AND ($11::timestamptz IS NULL OR created_at >= $11) AND ($12::timestamptz IS NULL OR created_at < $12)
 ORDER BY created_at DESC, run_id DESC LIMIT $6

-- name: reads.tasks
SELECT task_id, step_id, tool, status, attempt, outcome, conclusion, exit_code, error::text, log_bytes,
       started_at, ended_at
  FROM tasks_read WHERE tenant_key = $1 AND project_key = $2 AND run_id = $3 ORDER BY idx

-- name: reads.edges
-- OFFSET 0 keeps the planner from joining: rows of a large run that was written a moment ago are not in its statistics,
-- and a join of two tables that look empty is a loop over both. So each task looks its own edges up.
SELECT e.from_task, e.to_task
  FROM (SELECT task_id FROM tasks_read WHERE tenant_key = $1 AND project_key = $2 AND run_id = $3 OFFSET 0) t,
       LATERAL (SELECT from_task, to_task FROM task_edges
                 WHERE tenant_key = $1 AND project_key = $2 AND from_task = t.task_id OFFSET 0) e

-- name: reads.task
SELECT status, attempt FROM tasks_read WHERE tenant_key = $1 AND project_key = $2 AND task_id = $3

-- Everything that stands on a task, near or far, in plan order.
-- name: reads.affected
WITH RECURSIVE affected(task_id) AS (
  SELECT to_task FROM task_edges WHERE tenant_key = $1 AND project_key = $2 AND from_task = $3
  UNION
  SELECT e.to_task FROM affected a, LATERAL (
    SELECT to_task FROM task_edges
     WHERE tenant_key = $1 AND project_key = $2 AND from_task = a.task_id OFFSET 0) e
)
SELECT task_id, step_id, tool, status, attempt, outcome, conclusion, exit_code, error::text, log_bytes,
       started_at, ended_at
  FROM tasks_read
 WHERE tenant_key = $1 AND project_key = $2
   AND run_id = (SELECT run_id FROM tasks_read WHERE tenant_key = $1 AND project_key = $2 AND task_id = $3)
   -- IS TRUE: hashed once, and no join for the planner to turn into a loop over both
   AND (task_id IN (SELECT task_id FROM affected)) IS TRUE
 ORDER BY idx LIMIT $4

-- name: reads.approval
SELECT approval_id, run_id, step_id, message, status, requested_at, expires_at, answered_at, answered_by, reason,
       queue
  FROM approvals_read WHERE tenant_key = $1 AND project_key = $2 AND approval_id = $3

-- Whether a run has asked for an approval: its facts hold the id in this form.
-- name: reads.approval_asked
SELECT EXISTS (SELECT FROM streams s JOIN events e ON e.stream_key = s.stream_key
  WHERE s.tenant_key = $1 AND s.project_key = $2 AND s.stream_id = $3
    AND e.tenant_key = $1 AND e.project_key = $2 AND e.type = 'ApprovalRequested'
    AND position($4::bytea IN e.payload) > 0)

-- name: reads.approvals
SELECT approval_id, run_id, step_id, message, status, requested_at, expires_at, answered_at, answered_by, reason,
       queue
  FROM approvals_read
 WHERE tenant_key = $1 AND project_key = $2 AND ($3::text IS NULL OR status = $3)
   AND ($4::timestamptz IS NULL OR (requested_at, approval_id) < ($4, $5::text))
 ORDER BY requested_at DESC, approval_id DESC LIMIT $6

-- name: reads.queued_in
SELECT p.project_id, p.project_key
  FROM approvals_read a JOIN projects p ON p.tenant_key = a.tenant_key AND p.project_key = a.project_key
 WHERE a.tenant_key = $1 AND a.queue = $2 AND a.approval_id = $3

-- A queue of the tenant, or what of it one of its projects asked: the oldest first, as a queue is worked through.
-- name: reads.queue
SELECT a.approval_id, a.run_id, a.step_id, a.message, a.status, a.requested_at, a.expires_at, a.answered_at,
       a.answered_by, a.reason, a.queue, p.project_id
  FROM approvals_read a JOIN projects p ON p.tenant_key = a.tenant_key AND p.project_key = a.project_key
 WHERE a.tenant_key = $1 AND ($2::int IS NULL OR a.project_key = $2) AND a.queue = $3
   AND ($4::text IS NULL OR a.status = $4)
   AND ($5::timestamptz IS NULL OR (a.requested_at, a.approval_id) > ($5, $6::text))
 ORDER BY a.requested_at, a.approval_id LIMIT $7

-- The last fact of a run may be followed by erasures only.
-- name: reads.stream
SELECT s.stream_key, s.closed OR EXISTS (
         SELECT FROM (SELECT type FROM events WHERE stream_key = s.stream_key
                       ORDER BY version DESC LIMIT 8) last
          WHERE last.type IN ('PlanCompleted', 'RunFailed', 'RunCancelled'))
  FROM streams s WHERE s.tenant_key = $1 AND s.project_key = $2 AND s.stream_id = $3

-- name: reads.events
SELECT version, type, at, payload FROM events
 WHERE stream_key = $1 AND tenant_key = $2 AND project_key = $3 AND version > $4 ORDER BY version LIMIT $5

-- The costliest first: a group's place is known only once all are summed, so a page is cut from the whole.
-- name: reads.model_usage
SELECT name, sum(calls)::bigint, sum(answered)::bigint, sum(failed)::bigint, sum(aborted)::bigint, sum(tries)::bigint,
       coalesce(sum(answered) FILTER (WHERE origin = 'cached'), 0)::bigint, sum(input_tokens)::bigint,
       sum(output_tokens)::bigint, sum(cached_tokens)::bigint, sum(cache_write_tokens)::bigint,
       sum(reasoning_tokens)::bigint, trim_scale(sum(cost_usd)) AS cost, trim_scale(sum(saved_usd)),
       sum(took_us)::bigint, sum(first_token_us)::bigint, sum(first_tokens)::bigint
  FROM (SELECT *, CASE $3::text
                    WHEN 'run' THEN stream_id
                    WHEN 'task' THEN stream_id || '.' || step_id
                    WHEN 'agent' THEN coalesce(agent, '')
                    WHEN 'model' THEN provider || '/' || model
                    WHEN 'provider' THEN provider
                    WHEN 'day' THEN to_char(day, 'YYYY-MM-DD')
                    WHEN 'key' THEN actor END COLLATE "C" AS name
          FROM model_usage
         WHERE tenant_key = $1 AND project_key = $2 AND ($4::date IS NULL OR day >= $4)
           AND ($5::date IS NULL OR day <= $5) AND ($6::text IS NULL OR stream_id = $6)) named
 GROUP BY name ORDER BY cost DESC, name OFFSET $7 LIMIT $8

-- name: reads.ping
SELECT 1
