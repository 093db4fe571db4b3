-- name: forge.lock_numbers
SELECT pg_advisory_xact_lock(hashtextextended('forge/' || $1::int || '/' || $2::int || '/' || $3::text, 0))
-- name: forge.add
INSERT INTO forge_pulls (tenant_key, project_key, repo, number, title, body, head, base, head_sha, base_sha,
  draft, created_by, created_at, updated_at)
SELECT $1, $2, $3, coalesce(max(number), 0) + 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12
  FROM forge_pulls WHERE tenant_key = $1 AND project_key = $2 AND repo = $3
RETURNING pull_id, repo, number, title, body, head, base, head_sha, base_sha, state, draft, merge_sha,
  merged_by, created_by, created_at, updated_at, closed_at, merged_at
-- name: forge.find
SELECT pull_id, repo, number, title, body, head, base, head_sha, base_sha, state, draft, merge_sha,
  merged_by, created_by, created_at, updated_at, closed_at, merged_at
  FROM forge_pulls WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND number = $4
-- name: forge.hold
-- The same, and nobody changes it until the transaction ends.
SELECT pull_id, repo, number, title, body, head, base, head_sha, base_sha, state, draft, merge_sha,
  merged_by, created_by, created_at, updated_at, closed_at, merged_at
  FROM forge_pulls WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND number = $4 FOR UPDATE
-- name: forge.list
SELECT pull_id, repo, number, title, body, head, base, head_sha, base_sha, state, draft, merge_sha,
  merged_by, created_by, created_at, updated_at, closed_at, merged_at
  FROM forge_pulls
 WHERE tenant_key = $1 AND project_key = $2 AND repo = $3
   AND ($4::text IS NULL OR state = $4) AND ($5::text IS NULL OR head = $5)
   AND ($6::text IS NULL OR base = $6)
 ORDER BY CASE WHEN $7 THEN number ELSE -number END
 LIMIT $8 OFFSET $9
-- name: forge.edit
UPDATE forge_pulls SET title = $5, body = $6, base = $7, base_sha = $8, state = $9, updated_at = $10,
  closed_at = CASE WHEN $9 = 'open' THEN NULL ELSE coalesce(closed_at, $10) END
 WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND number = $4 AND merged_at IS NULL
RETURNING pull_id, repo, number, title, body, head, base, head_sha, base_sha, state, draft, merge_sha,
  merged_by, created_by, created_at, updated_at, closed_at, merged_at
-- name: forge.see
UPDATE forge_pulls SET head_sha = $5, base_sha = $6, updated_at = $7
 WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND number = $4 AND state = 'open'
-- name: forge.merged
UPDATE forge_pulls SET state = 'closed', merge_sha = $5, merged_by = $6, merged_at = $7, closed_at = $7,
  updated_at = $7
 WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND number = $4 AND merged_at IS NULL
-- name: forge.forget_repo
DELETE FROM forge_pulls WHERE tenant_key = $1 AND project_key = $2 AND repo = $3
-- name: forge.comment
INSERT INTO forge_comments (tenant_key, project_key, repo, number, body, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING comment_id, body, created_by, created_at
-- name: forge.comments
SELECT comment_id, body, created_by, created_at FROM forge_comments
 WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND number = $4
 ORDER BY comment_id LIMIT $5 OFFSET $6
-- name: forge.count_comments
SELECT count(*)::int FROM forge_comments
 WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND number = $4
-- name: forge.add_status
INSERT INTO forge_statuses (tenant_key, project_key, repo, sha, context, state, description, target_url, created_by,
  created_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
 WHERE (SELECT count(*) FROM forge_statuses WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND sha = $4
   AND context = $5) < $11
RETURNING status_id, sha, context, state, description, target_url, created_by, created_at
-- name: forge.statuses
SELECT status_id, sha, context, state, description, target_url, created_by, created_at FROM forge_statuses
 WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND sha = $4
 ORDER BY status_id DESC LIMIT $5 OFFSET $6
-- name: forge.newest_statuses
SELECT DISTINCT ON (context) status_id, sha, context, state, description, target_url, created_by, created_at
  FROM forge_statuses
 WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND sha = $4
 ORDER BY context, status_id DESC
-- name: forge.add_check
INSERT INTO forge_checks (tenant_key, project_key, repo, sha, name, status, conclusion, external_id, details_url,
  title, summary, words, annotations, started_at, completed_at, created_by)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb, $14, $15, $16
 WHERE (SELECT count(*) FROM forge_checks WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND sha = $4) < $17
RETURNING check_id, sha, name, status, conclusion, external_id, details_url, title, summary, words,
  jsonb_array_length(annotations), started_at, completed_at
-- name: forge.find_check
SELECT check_id, sha, name, status, conclusion, external_id, details_url, title, summary, words,
  jsonb_array_length(annotations), started_at, completed_at
  FROM forge_checks WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND check_id = $4
-- name: forge.hold_check
-- The same, and nobody changes it until the transaction ends.
SELECT check_id, sha, name, status, conclusion, external_id, details_url, title, summary, words,
  jsonb_array_length(annotations), started_at, completed_at
  FROM forge_checks WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND check_id = $4 FOR UPDATE
-- name: forge.checks
SELECT check_id, sha, name, status, conclusion, external_id, details_url, title, summary, words,
  jsonb_array_length(annotations), started_at, completed_at, (count(*) OVER ())::int
  FROM forge_checks c
 WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND sha = $4
   AND ($5::text IS NULL OR name = $5) AND ($6::text IS NULL OR status = $6)
   AND ($7 OR NOT EXISTS (SELECT FROM forge_checks newer WHERE newer.tenant_key = $1 AND newer.project_key = $2
     AND newer.repo = $3 AND newer.sha = $4 AND newer.name = c.name AND newer.check_id > c.check_id))
 ORDER BY check_id DESC LIMIT $8 OFFSET $9
-- name: forge.change_check
UPDATE forge_checks SET name = $5, status = $6, conclusion = $7, external_id = $8, details_url = $9, title = $10,
  summary = $11, words = $12, annotations = annotations || $13::jsonb, started_at = $14, completed_at = $15
 WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND check_id = $4
   AND jsonb_array_length(annotations) + jsonb_array_length($13::jsonb) <= $16
RETURNING check_id, sha, name, status, conclusion, external_id, details_url, title, summary, words,
  jsonb_array_length(annotations), started_at, completed_at
-- name: forge.annotations
SELECT value::text FROM forge_checks, jsonb_array_elements(annotations) WITH ORDINALITY AS a (value, place)
 WHERE tenant_key = $1 AND project_key = $2 AND repo = $3 AND check_id = $4
 ORDER BY place LIMIT $5 OFFSET $6
