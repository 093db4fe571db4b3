-- Immune memory. A project reads its own rows, its tenant's shared ones and those of everybody; what it may see is the
-- policies' business, and the key in the condition is for the index.

-- name: vaccines.stamp
-- Changes whenever what binds the project may have changed.
SELECT coalesce(sum(n), 0), max(at) FROM (
  SELECT count(*) AS n, max(changed_at) AS at FROM project_vaccines WHERE tenant_key = $1 AND project_key = $2
  UNION ALL SELECT count(*), max(changed_at) FROM tenant_vaccines WHERE tenant_key = $1
  UNION ALL SELECT count(*), max(changed_at) FROM global_vaccines
) s

-- name: vaccines.list
-- All that the project sees; $3 for one alone. The newest first.
SELECT vaccine_id, 'project', status, error_pattern, solution_instruction, severity, origin_agent, language, check_json,
       hits, prevented, recurred, blocked_good, created_at, helped_at, expires_at, revoked_by, revoke_reason, last_call
  FROM project_vaccines WHERE tenant_key = $1 AND project_key = $2 AND ($3::text IS NULL OR vaccine_id = $3)
UNION ALL
SELECT vaccine_id, 'tenant', status, error_pattern, solution_instruction, severity, origin_agent, language, check_json,
       hits, prevented, recurred, blocked_good, created_at, helped_at, expires_at, revoked_by, revoke_reason, last_call
  FROM tenant_vaccines WHERE tenant_key = $1 AND ($3::text IS NULL OR vaccine_id = $3)
UNION ALL
SELECT vaccine_id, 'global', status, error_pattern, solution_instruction, severity, origin_agent, language, check_json,
       hits, prevented, recurred, blocked_good, created_at, helped_at, expires_at, revoked_by, revoke_reason, NULL
  FROM global_vaccines WHERE $3::text IS NULL OR vaccine_id = $3
 ORDER BY created_at DESC, vaccine_id DESC

-- name: vaccines.hold
-- One at a time mints in a tenant, so that what is alike is found.
SELECT pg_advisory_xact_lock(hashtextextended('vaccines', $1::bigint))

-- name: vaccines.add
INSERT INTO project_vaccines (tenant_key, project_key, vaccine_id, status, error_pattern, solution_instruction, severity,
  origin_agent, language, check_json, hits, prevented, recurred, blocked_good, created_at, helped_at, expires_at,
  last_call)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, 0, $13, $14, $15, $16)

-- name: vaccines.add_shared
INSERT INTO tenant_vaccines (tenant_key, vaccine_id, status, error_pattern, solution_instruction, severity,
  origin_agent, language, check_json, hits, prevented, recurred, blocked_good, created_at, helped_at, expires_at,
  last_call)
SELECT $1, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, 0, $13, $14, $15, $16 WHERE $2::int IS NOT NULL

-- name: vaccines.change
-- An id stands in one table alone.
WITH shared AS (
  UPDATE tenant_vaccines SET status = $4, severity = $5, check_json = $6, hits = $7, recurred = $8, blocked_good = $9,
      helped_at = $10, expires_at = $11, revoked_by = $12, revoke_reason = $13, last_call = coalesce($14, last_call),
      changed_at = clock_timestamp()
   WHERE tenant_key = $1 AND vaccine_id = $3
)
UPDATE project_vaccines SET status = $4, severity = $5, check_json = $6, hits = $7, recurred = $8, blocked_good = $9,
      helped_at = $10, expires_at = $11, revoked_by = $12, revoke_reason = $13, last_call = coalesce($14, last_call),
      changed_at = clock_timestamp()
 WHERE tenant_key = $1 AND project_key = $2 AND vaccine_id = $3

-- name: vaccines.share
-- From the project's own to those of its tenant.
WITH moved AS (
  DELETE FROM project_vaccines WHERE tenant_key = $1 AND project_key = $2 AND vaccine_id = $3 RETURNING *
)
INSERT INTO tenant_vaccines (tenant_key, vaccine_id, status, error_pattern, solution_instruction, severity,
  origin_agent, language, check_json, hits, prevented, recurred, blocked_good, created_at, helped_at, expires_at,
  last_call, embedding_model, embedding)
SELECT tenant_key, vaccine_id, status, error_pattern, solution_instruction, severity,
  origin_agent, language, check_json, hits, prevented, recurred, blocked_good, created_at, helped_at, expires_at,
  last_call, embedding_model, embedding FROM moved

-- name: vaccines.embed
WITH shared AS (
  UPDATE tenant_vaccines SET embedding_model = $4, embedding = $5 WHERE tenant_key = $1 AND vaccine_id = $3
)
UPDATE project_vaccines SET embedding_model = $4, embedding = $5
 WHERE tenant_key = $1 AND project_key = $2 AND vaccine_id = $3

-- name: vaccines.embeddings
SELECT vaccine_id, embedding FROM project_vaccines
 WHERE tenant_key = $1 AND project_key = $2 AND embedding_model = $3 AND status = 'active'
UNION ALL
SELECT vaccine_id, embedding FROM tenant_vaccines
 WHERE tenant_key = $1 AND embedding_model = $3 AND status = 'active'

-- name: vaccines.by_words
-- Any of the query's words; rank counts how many and how near.
WITH asked AS (SELECT replace(plainto_tsquery('english', $3)::text, ' & ', ' | ')::tsquery AS words),
seen AS (
  SELECT vaccine_id, error_pattern || ' ' || solution_instruction || ' ' || coalesce(language, '') AS said
    FROM project_vaccines WHERE tenant_key = $1 AND project_key = $2 AND status = 'active'
  UNION ALL
  SELECT vaccine_id, error_pattern || ' ' || solution_instruction || ' ' || coalesce(language, '')
    FROM tenant_vaccines WHERE tenant_key = $1 AND status = 'active'
  UNION ALL
  SELECT vaccine_id, error_pattern || ' ' || solution_instruction || ' ' || coalesce(language, '')
    FROM global_vaccines WHERE status = 'active'
)
SELECT s.vaccine_id FROM seen s, asked a, to_tsvector('english', s.said) v
 WHERE v @@ a.words ORDER BY ts_rank_cd(v, a.words, 1) DESC, s.vaccine_id LIMIT $4

-- name: vaccines.by_letters
-- Spelled a little otherwise, or in another form of the word.
WITH seen AS (
  SELECT vaccine_id, error_pattern || ' ' || solution_instruction || ' ' || coalesce(language, '') AS said
    FROM project_vaccines WHERE tenant_key = $1 AND project_key = $2 AND status = 'active'
  UNION ALL
  SELECT vaccine_id, error_pattern || ' ' || solution_instruction || ' ' || coalesce(language, '')
    FROM tenant_vaccines WHERE tenant_key = $1 AND status = 'active'
  UNION ALL
  SELECT vaccine_id, error_pattern || ' ' || solution_instruction || ' ' || coalesce(language, '')
    FROM global_vaccines WHERE status = 'active'
), ranked AS (SELECT vaccine_id, likeness($3, said) AS rank FROM seen)
SELECT vaccine_id FROM ranked WHERE rank >= $5::float8 ORDER BY rank DESC, vaccine_id LIMIT $4

-- name: vaccines.put_global
SELECT auth_put_global_vaccine($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)

-- name: vaccines.report_global
SELECT auth_report_global_vaccine($1)

-- name: vaccines.prevented
-- As role engine, across tenants: $1 vaccines, $2 how often, $3 the tenants whose calls were stopped.
WITH stopped AS (SELECT * FROM unnest($1::text[], $2::bigint[], $3::int[]) AS s(id, n, tenant)),
  own AS (
    UPDATE project_vaccines v SET hits = v.hits + s.n, prevented = v.prevented + s.n, helped_at = now()
      FROM stopped s WHERE v.tenant_key = s.tenant AND v.vaccine_id = s.id
  ),
  shared AS (
    UPDATE tenant_vaccines v SET hits = v.hits + s.n, prevented = v.prevented + s.n, helped_at = now()
      FROM stopped s WHERE v.tenant_key = s.tenant AND v.vaccine_id = s.id
  )
UPDATE global_vaccines g SET hits = g.hits + s.n, prevented = g.prevented + s.n, helped_at = now()
  FROM (SELECT id, sum(n) AS n FROM stopped GROUP BY id) s WHERE g.vaccine_id = s.id

-- name: vaccines.idle
-- As role engine: those in force, with the runs that they saw go by since they helped last. What happens to a shared
-- one is told in the first project of its tenant.
SELECT v.tenant_key, v.project_key, v.vaccine_id, v.expires_at, (
    SELECT count(*) FROM runs_read r
     WHERE r.tenant_key = v.tenant_key AND r.project_key = v.project_key AND r.created_at > v.helped_at)
  FROM project_vaccines v WHERE v.status = 'active'
UNION ALL
SELECT v.tenant_key, (SELECT min(p.project_key) FROM projects p WHERE p.tenant_key = v.tenant_key), v.vaccine_id,
    v.expires_at, (SELECT count(*) FROM runs_read r WHERE r.tenant_key = v.tenant_key AND r.created_at > v.helped_at)
  FROM tenant_vaccines v WHERE v.status = 'active'

-- name: vaccines.fade
WITH shared AS (
  UPDATE tenant_vaccines SET status = 'faded', changed_at = clock_timestamp()
   WHERE tenant_key = $1 AND vaccine_id = $3 AND status = 'active'
)
UPDATE project_vaccines SET status = 'faded', changed_at = clock_timestamp()
 WHERE tenant_key = $1 AND project_key = $2 AND vaccine_id = $3 AND status = 'active'

-- name: vaccines.fade_global
UPDATE global_vaccines SET status = 'faded', changed_at = clock_timestamp()
 WHERE status = 'active' AND expires_at <= now()
