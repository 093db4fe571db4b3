-- name: locks.turn
-- One decision of a project at a time, over all nodes.
SELECT pg_advisory_xact_lock(hashtextextended('locks/' || $1::int || '/' || $2::int, 0))

-- name: locks.alive
-- A node that was fenced decides nothing any more.
SELECT 1 FROM nodes WHERE node_key = $1 AND fenced_at IS NULL FOR SHARE

-- name: locks.read
SELECT request_id, run_id, task, names, above, fence, node_key FROM lock_requests
 WHERE tenant_key = $1 AND project_key = $2 ORDER BY request_id

-- name: locks.ask
INSERT INTO lock_requests (tenant_key, project_key, run_id, task, names, above, node_key)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING request_id

-- name: locks.grant
-- All names in one statement, in their order: they are there together or not at all.
WITH fenced AS (
  UPDATE lock_requests SET fence = nextval('lock_fences'), granted_at = now(), told = (node_key = $2)
   WHERE request_id = $1 AND fence IS NULL RETURNING request_id, tenant_key, project_key, names, fence, node_key
), taken AS (
  INSERT INTO held_locks (tenant_key, project_key, name, request_id)
  SELECT f.tenant_key, f.project_key, n.name, f.request_id FROM fenced f, unnest(f.names) AS n(name) ORDER BY n.name
)
SELECT fence, CASE WHEN node_key <> $2 THEN pg_notify('aegis_locks', node_key::text)::text END FROM fenced

-- name: locks.drop
DELETE FROM lock_requests WHERE request_id = ANY($1)

-- name: locks.take_over
UPDATE lock_requests SET node_key = $4 WHERE tenant_key = $1 AND project_key = $2 AND run_id = $3

-- name: locks.tell
-- What another node granted to runs of this one.
UPDATE lock_requests l SET told = true FROM tenants t, projects p
 WHERE l.node_key = $1 AND l.fence IS NOT NULL AND NOT l.told
   AND t.tenant_key = l.tenant_key AND p.project_key = l.project_key
RETURNING t.tenant_id, p.project_id, l.run_id, l.task, l.names, l.fence

-- name: locks.sweep
-- What a run left whose node died between its last fact and the release.
WITH gone AS (
  DELETE FROM lock_requests l USING streams s
   WHERE s.tenant_key = l.tenant_key AND s.project_key = l.project_key AND s.stream_id = l.run_id AND s.closed
  RETURNING l.tenant_key, l.project_key
)
SELECT DISTINCT t.tenant_id, p.project_id, g.tenant_key, g.project_key
  FROM gone g JOIN tenants t USING (tenant_key) JOIN projects p ON p.project_key = g.project_key
