-- Immune memory. A project reads its own rows, its tenant's shared ones and those of everybody; what it may see is the
-- policies' business, and the key in the condition is for the index.

-- name: vaccines.stamp
-- Changes whenever what binds the project may have changed.
SELECT coalesce(sum(n), 0), max(at) FROM (
  SELECT count(*) AS n, max(changed_at) AS at FROM vaccines WHERE tenant_key = $1
  UNION ALL SELECT count(*), max(changed_at) FROM global_vaccines
) s

-- name: vaccines.list
-- All that the project sees; $2 for one alone. The newest first.
SELECT vaccine_id, scope, status, error_pattern, solution_instruction, severity, origin_agent, language, check_json,
       hits, prevented, recurred, blocked_good, created_at, helped_at, expires_at, revoked_by, revoke_reason, last_call
  FROM vaccines WHERE tenant_key = $1 AND ($2::text IS NULL OR vaccine_id = $2)
UNION ALL
SELECT vaccine_id, 'global', status, error_pattern, solution_instruction, severity, origin_agent, language, check_json,
       hits, prevented, recurred, blocked_good, created_at, helped_at, expires_at, revoked_by, revoke_reason, NULL
  FROM global_vaccines WHERE $2::text IS NULL OR vaccine_id = $2
 ORDER BY created_at DESC, vaccine_id DESC

-- name: vaccines.hold
-- One at a time mints in a tenant, so that what is alike is found.
SELECT pg_advisory_xact_lock(hashtextextended('vaccines', $1::bigint))

-- name: vaccines.add
INSERT INTO vaccines (tenant_key, project_key, vaccine_id, scope, status, error_pattern, solution_instruction, severity,
  origin_agent, language, check_json, hits, prevented, recurred, blocked_good, created_at, helped_at, expires_at,
  last_call)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, 0, $14, $15, $16, $17)

-- name: vaccines.change
UPDATE vaccines SET scope = $3, status = $4, severity = $5, check_json = $6, hits = $7, recurred = $8, blocked_good = $9,
  helped_at = $10, expires_at = $11, revoked_by = $12, revoke_reason = $13, last_call = coalesce($14, last_call),
  changed_at = clock_timestamp()
 WHERE tenant_key = $1 AND vaccine_id = $2

-- name: vaccines.embed
UPDATE vaccines SET embedding_model = $3, embedding = $4 WHERE tenant_key = $1 AND vaccine_id = $2

-- name: vaccines.embeddings
SELECT vaccine_id, embedding FROM vaccines
 WHERE tenant_key = $1 AND embedding_model = $2 AND status = 'active'

-- name: vaccines.by_words
-- Any of the query's words; rank counts how many and how near.
WITH asked AS (SELECT replace(plainto_tsquery('english', $2)::text, ' & ', ' | ')::tsquery AS words)
SELECT vaccine_id FROM (
  SELECT v.vaccine_id, ts_rank_cd(v.words, asked.words, 1) AS rank FROM vaccines v, asked
   WHERE v.tenant_key = $1 AND v.status = 'active' AND v.words @@ asked.words
  UNION ALL
  SELECT g.vaccine_id, ts_rank_cd(g.words, asked.words, 1) FROM global_vaccines g, asked
   WHERE g.status = 'active' AND g.words @@ asked.words
) found ORDER BY rank DESC, vaccine_id LIMIT $3

-- name: vaccines.by_letters
-- Spelled a little otherwise, or in another form of the word.
SELECT vaccine_id FROM (
  SELECT vaccine_id, likeness($2, error_pattern || ' ' || solution_instruction) AS rank FROM vaccines
   WHERE tenant_key = $1 AND status = 'active'
  UNION ALL
  SELECT vaccine_id, likeness($2, error_pattern || ' ' || solution_instruction) FROM global_vaccines
   WHERE status = 'active'
) found WHERE rank >= $4::float8 ORDER BY rank DESC, vaccine_id LIMIT $3

-- name: vaccines.put_global
SELECT auth_put_global_vaccine($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)

-- name: vaccines.report_global
SELECT auth_report_global_vaccine($1)

-- name: vaccines.prevented
-- As role engine, across tenants: $1 vaccines, $2 how often, $3 the tenants whose calls were stopped.
WITH stopped AS (SELECT * FROM unnest($1::text[], $2::bigint[], $3::int[]) AS s(id, n, tenant)),
  own AS (
    UPDATE vaccines v SET hits = v.hits + s.n, prevented = v.prevented + s.n, helped_at = now()
      FROM stopped s WHERE v.tenant_key = s.tenant AND v.vaccine_id = s.id
  )
UPDATE global_vaccines g SET hits = g.hits + s.n, prevented = g.prevented + s.n, helped_at = now()
  FROM (SELECT id, sum(n) AS n FROM stopped GROUP BY id) s WHERE g.vaccine_id = s.id

-- name: vaccines.idle
-- As role engine: those in force that may have outlived their use, with the runs that they saw go by.
SELECT v.tenant_key, v.project_key, v.vaccine_id, v.expires_at, least($1, (
    SELECT count(*) FROM runs_read r WHERE r.tenant_key = v.tenant_key
       AND (v.scope = 'tenant' OR r.project_key = v.project_key) AND r.started_at > v.helped_at))
  FROM vaccines v WHERE v.status = 'active'

-- name: vaccines.fade
UPDATE vaccines SET status = 'faded', changed_at = clock_timestamp()
 WHERE tenant_key = $1 AND project_key = $2 AND vaccine_id = $3 AND status = 'active'

-- name: vaccines.fade_global
UPDATE global_vaccines SET status = 'faded', changed_at = clock_timestamp()
 WHERE status = 'active' AND expires_at <= now()
