-- What is learned about models.

-- name: verdicts.call
-- What a call left. The calls of a session end about in the order of their numbers, so that one is looked for near its
-- number only; the facts of a run are all looked at.
SELECT e.payload FROM streams s JOIN events e ON e.stream_key = s.stream_key
 WHERE s.tenant_key = $1 AND s.project_key = $2 AND s.stream_id = $3 AND e.tenant_key = $1 AND e.project_key = $2
   AND e.type = 'ToolReturned' AND e.version BETWEEN $4 AND $5 AND position($6::bytea IN e.payload) > 0 LIMIT 1

-- name: verdicts.add
INSERT INTO model_verdicts (tenant_key, project_key, subject, kind, actor, judged, task_type, provider, model, value, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING

-- name: verdicts.read
-- Gap-free below the snapshot's xmin, as feed.read is.
SELECT v.xid::text, v.position, t.tenant_id, v.task_type, v.provider, v.model, v.kind, v.value, v.at
  FROM model_verdicts v JOIN tenants t USING (tenant_key)
 WHERE (v.xid, v.position) > ($1::text::xid8, $2) AND v.xid < pg_snapshot_xmin(pg_current_snapshot())
 ORDER BY v.xid, v.position LIMIT $3

-- name: verdicts.prune
DELETE FROM model_verdicts WHERE at < $1

-- name: routing_state.save
INSERT INTO routing_state AS s (home_id, saved_at, xid, position, state) VALUES ($1, $2, $3::text::xid8, $4, $5)
ON CONFLICT (home_id) DO UPDATE SET saved_at = EXCLUDED.saved_at, xid = EXCLUDED.xid, position = EXCLUDED.position,
  state = EXCLUDED.state

-- name: routing_state.load
SELECT xid::text, position, state FROM routing_state ORDER BY saved_at DESC LIMIT 1

-- name: routing_state.prune
DELETE FROM routing_state WHERE saved_at < $1 AND saved_at < (SELECT max(saved_at) FROM routing_state)

-- name: replacements.end_back
-- A decision that leads back to a model ends the one that led away from it.
UPDATE model_replacements SET undone_at = $6, undone_by = $7
 WHERE tenant_key = $1 AND project_key = $2 AND from_provider = $3 AND from_model = $4
   AND ($5::text IS NULL OR task_type IS NOT DISTINCT FROM $5) AND undone_at IS NULL
RETURNING replacement_id

-- name: replacements.add
-- What a human undid is not decided again at once; the index lets one of several nodes decide.
INSERT INTO model_replacements (tenant_key, project_key, replacement_id, from_provider, from_model, to_provider, to_model,
  task_type, why, evidence, decided_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8::text, $9, $10::jsonb, $11
 WHERE NOT EXISTS (SELECT FROM model_replacements
   WHERE tenant_key = $1 AND project_key = $2 AND from_provider = $4 AND from_model = $5
     AND task_type IS NOT DISTINCT FROM $8::text AND undone_at > $12 AND undone_by <> $13)
ON CONFLICT DO NOTHING

-- name: replacements.standing
SELECT t.tenant_id, p.project_id, r.from_provider, r.from_model, r.to_provider, r.to_model, r.task_type, r.why,
       r.evidence::text, r.decided_at
  FROM model_replacements r JOIN tenants t USING (tenant_key) JOIN projects p USING (project_key)
 WHERE r.undone_at IS NULL ORDER BY r.decided_at, r.replacement_id

-- name: replacements.list
SELECT replacement_id, from_provider, from_model, to_provider, to_model, task_type, why, evidence::text, decided_at,
       undone_at, undone_by
  FROM model_replacements
 WHERE tenant_key = $1 AND project_key = $2 AND ($3::timestamptz IS NULL OR (decided_at, replacement_id) < ($3, $4::text))
 ORDER BY decided_at DESC, replacement_id DESC LIMIT $5

-- name: replacements.one
-- Locked until the transaction ends, for who takes it back.
SELECT replacement_id, from_provider, from_model, to_provider, to_model, task_type, why, evidence::text, decided_at,
       undone_at, undone_by
  FROM model_replacements
 WHERE tenant_key = $1 AND project_key = $2 AND replacement_id = $3
   FOR UPDATE

-- name: replacements.undo
UPDATE model_replacements SET undone_at = $4, undone_by = $5
 WHERE tenant_key = $1 AND project_key = $2 AND replacement_id = $3 AND undone_at IS NULL
