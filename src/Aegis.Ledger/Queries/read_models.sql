-- name: read_models.runs
INSERT INTO runs_read (tenant_key, project_key, run_id, plan_id, name, status, reason, actor, tasks_total, tasks_done,
  cost_usd, created_at, updated_at, ended_at, outputs, parent_run, parent_step, retry_of)
SELECT * FROM unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::int[], $10::int[], $11::numeric[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::text[],
  $16::text[], $17::text[], $18::text[])
ON CONFLICT (tenant_key, project_key, run_id) DO UPDATE SET status = EXCLUDED.status, reason = EXCLUDED.reason,
  tasks_total = EXCLUDED.tasks_total, tasks_done = EXCLUDED.tasks_done, cost_usd = EXCLUDED.cost_usd, updated_at = EXCLUDED.updated_at,
  ended_at = EXCLUDED.ended_at, outputs = EXCLUDED.outputs

-- name: read_models.tasks
INSERT INTO tasks_read (tenant_key, project_key, task_id, run_id, step_id, idx, tool, status, attempt, outcome,
  conclusion, exit_code, error, log_hash, log_bytes, started_at, ended_at, updated_at)
SELECT * FROM unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[],
  $9::int[], $10::text[], $11::text[], $12::int[], $13::jsonb[], $14::text[], $15::bigint[], $16::timestamptz[],
  $17::timestamptz[], $18::timestamptz[])
ON CONFLICT (tenant_key, project_key, task_id) DO UPDATE SET status = EXCLUDED.status, attempt = EXCLUDED.attempt,
  outcome = EXCLUDED.outcome, conclusion = EXCLUDED.conclusion, exit_code = EXCLUDED.exit_code,
  error = EXCLUDED.error, log_hash = EXCLUDED.log_hash, log_bytes = EXCLUDED.log_bytes,
  started_at = EXCLUDED.started_at, ended_at = EXCLUDED.ended_at, updated_at = EXCLUDED.updated_at

-- name: read_models.edges
INSERT INTO task_edges (tenant_key, project_key, from_task, to_task)
SELECT * FROM unnest($1::int[], $2::int[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING

-- name: read_models.approvals
INSERT INTO approvals_read (tenant_key, project_key, approval_id, run_id, step_id, message, status, requested_at,
  expires_at, answered_at, answered_by, reason, queue)
SELECT * FROM unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
  $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::text[], $12::text[], $13::text[])
ON CONFLICT (tenant_key, project_key, approval_id) DO UPDATE SET message = EXCLUDED.message,
  status = EXCLUDED.status, requested_at = EXCLUDED.requested_at, expires_at = EXCLUDED.expires_at,
  answered_at = EXCLUDED.answered_at, answered_by = EXCLUDED.answered_by, reason = EXCLUDED.reason,
  queue = EXCLUDED.queue

-- name: read_models.artifacts
INSERT INTO artifacts_read (tenant_key, project_key, artifact_id, version, run_id, task_id, path, media_type, document,
  status, bytes, content_hash, hash_prev, hash_curr, signature, key_id, signer, header, created_at, updated_at)
SELECT * FROM unnest($1::int[], $2::int[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::boolean[], $10::text[], $11::bigint[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
  $17::text[], $18::text[], $19::timestamptz[], $20::timestamptz[])
ON CONFLICT DO NOTHING

-- Sums only grow: a rebuild that read a stream a moment ago puts nothing older over them.
-- name: read_models.model_usage
INSERT INTO model_usage (tenant_key, project_key, stream_id, usage_key, door, actor, step_id, agent, asked, task_type,
  provider, model, origin, day, calls, answered, failed, aborted, input_tokens, output_tokens, cached_tokens,
  cache_write_tokens, reasoning_tokens, cost_usd, saved_usd, tries, took_us, first_token_us, first_tokens)
SELECT * FROM unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::date[], $15::bigint[], $16::bigint[],
  $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[],
  $24::numeric[], $25::numeric[], $26::bigint[], $27::bigint[], $28::bigint[], $29::bigint[])
ON CONFLICT (tenant_key, project_key, stream_id, usage_key) DO UPDATE SET calls = EXCLUDED.calls,
  answered = EXCLUDED.answered, failed = EXCLUDED.failed, aborted = EXCLUDED.aborted,
  input_tokens = EXCLUDED.input_tokens, output_tokens = EXCLUDED.output_tokens,
  cached_tokens = EXCLUDED.cached_tokens, cache_write_tokens = EXCLUDED.cache_write_tokens,
  reasoning_tokens = EXCLUDED.reasoning_tokens, cost_usd = EXCLUDED.cost_usd, saved_usd = EXCLUDED.saved_usd,
  tries = EXCLUDED.tries, took_us = EXCLUDED.took_us, first_token_us = EXCLUDED.first_token_us,
  first_tokens = EXCLUDED.first_tokens
WHERE EXCLUDED.calls >= model_usage.calls

-- name: read_models.verdicts
INSERT INTO model_verdicts (tenant_key, project_key, subject, kind, actor, judged, task_type, provider, model, value, at)
SELECT * FROM unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::text[], $10::float8[], $11::timestamptz[])
ON CONFLICT DO NOTHING

-- name: read_models.plans
INSERT INTO plans_read (tenant_key, project_key, plan_id, name, workflow_hash, tasks, created_at)
SELECT * FROM unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::text[], $6::int[], $7::timestamptz[])
ON CONFLICT DO NOTHING

-- name: read_models.close_streams
UPDATE streams SET closed = true WHERE stream_key = ANY($1) AND NOT closed

-- name: read_models.version
SELECT version FROM read_models_state

-- name: read_models.set_version
INSERT INTO read_models_state (version) VALUES ($1) ON CONFLICT (only_row) DO UPDATE SET version = EXCLUDED.version

-- name: read_models.clear
TRUNCATE read_models_state, plans_read, runs_read, tasks_read, task_edges, approvals_read, artifacts_read,
  model_usage
