-- Deployments of all targets.

-- name: deployments.write
INSERT INTO deployments (tenant_key, project_key, name, home_id, port, wanted, status, release_id, before_id, error,
  restarts, updated_at, target, url)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (tenant_key, project_key, name) DO UPDATE SET port = excluded.port, wanted = excluded.wanted,
  status = excluded.status, release_id = excluded.release_id, before_id = excluded.before_id, error = excluded.error,
  restarts = excluded.restarts, updated_at = excluded.updated_at, url = excluded.url
  WHERE deployments.target = excluded.target
    AND (deployments.home_id = excluded.home_id OR deployments.target <> 'process')

-- name: deployments.list
SELECT name, home_id, port, wanted, status, release_id, before_id, error, restarts, updated_at, target, url
  FROM deployments
 WHERE tenant_key = $1 AND project_key = $2 AND ($3::text IS NULL OR name > $3) AND ($4::text IS NULL OR name = $4)
 ORDER BY name LIMIT $5

-- name: deployments.of_home
SELECT d.tenant_key, d.project_key, t.tenant_id, p.project_id, d.name
  FROM deployments d JOIN tenants t USING (tenant_key) JOIN projects p USING (project_key)
 WHERE d.home_id = $1 AND d.target = 'process' ORDER BY d.tenant_key, d.project_key, d.name

-- name: deployment_releases.write
INSERT INTO deployment_releases (tenant_key, project_key, name, release_id, spec, call_id, actor, deployed_at, verdict)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (tenant_key, project_key, name, release_id) DO UPDATE SET call_id = excluded.call_id,
  actor = excluded.actor, deployed_at = excluded.deployed_at, verdict = excluded.verdict

-- name: deployment_releases.list
SELECT release_id, spec, call_id, actor, deployed_at, verdict
  FROM deployment_releases
 WHERE tenant_key = $1 AND project_key = $2 AND name = $3 ORDER BY deployed_at DESC, release_id LIMIT $4

-- name: deployment_releases.forget
DELETE FROM deployment_releases WHERE tenant_key = $1 AND project_key = $2 AND name = $3 AND release_id = ANY($4)
