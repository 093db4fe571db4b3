-- name: locks.turn
-- One decision of a project at a time, over all nodes.
SELECT pg_advisory_xact_lock(hashtextextended('locks/' || $1::int || '/' || $2::int, 0))

-- name: locks.alive
-- A node that was fenced decides nothing any more.
SELECT 1 FROM nodes WHERE node_key = $1 AND fenced_at IS NULL FOR SHARE

-- name: locks.read
-- What is left of a lease is told by this clock; a holder outside waits no longer than it said, and not on a node that
-- is gone, for it hears nothing there.
SELECT l.request_id, l.run_id, l.task, l.names, l.above, l.fence, l.node_key, l.granted_at, l.holder, l.actor,
       l.ttl_seconds, l.expires_at, extract(epoch FROM l.expires_at - clock_timestamp())::float8,
       CASE WHEN l.fence IS NOT NULL OR l.holder IS NULL THEN NULL
            WHEN l.wait_until <= clock_timestamp() THEN 'timed_out' WHEN n.fenced_at IS NOT NULL THEN 'left' END
  FROM lock_requests l JOIN nodes n USING (node_key)
 WHERE l.tenant_key = $1 AND l.project_key = $2 ORDER BY l.request_id

-- name: locks.ask
INSERT INTO lock_requests (tenant_key, project_key, run_id, task, names, above, node_key)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING request_id

-- name: locks.ask_outside
INSERT INTO lock_requests (tenant_key, project_key, run_id, task, names, above, node_key, holder, actor, ttl_seconds,
  wait_until)
VALUES ($1, $2, $3, -1, $4, '{}', $5, $6, $7, $8, clock_timestamp() + $9 * interval '1 second')
RETURNING request_id

-- name: locks.grant
-- All names in one statement, in their order: they are there together or not at all. The transaction may have waited
-- for its turn, so its own time is past.
WITH fenced AS (
  UPDATE lock_requests SET fence = nextval('lock_fences'), granted_at = clock_timestamp(), told = (node_key = $2),
         expires_at = clock_timestamp() + ttl_seconds * interval '1 second'
   WHERE request_id = $1 AND fence IS NULL
  RETURNING request_id, tenant_key, project_key, names, fence, node_key, granted_at, expires_at
), taken AS (
  INSERT INTO held_locks (tenant_key, project_key, name, request_id)
  SELECT f.tenant_key, f.project_key, n.name, f.request_id FROM fenced f, unnest(f.names) AS n(name) ORDER BY n.name
)
SELECT fence, granted_at, expires_at,
       CASE WHEN node_key <> $2 THEN pg_notify('aegis_locks', node_key::text)::text END
  FROM fenced

-- name: locks.renew
UPDATE lock_requests SET ttl_seconds = coalesce($2, ttl_seconds),
       expires_at = clock_timestamp() + coalesce($2, ttl_seconds) * interval '1 second'
 WHERE request_id = $1 AND fence IS NOT NULL
RETURNING ttl_seconds, expires_at

-- name: locks.drop
DELETE FROM lock_requests WHERE request_id = ANY($1)

-- name: locks.take_over
UPDATE lock_requests SET node_key = $4 WHERE tenant_key = $1 AND project_key = $2 AND run_id = $3

-- name: locks.tell
-- What another node granted to runs of this one.
UPDATE lock_requests l SET told = true FROM tenants t, projects p
 WHERE l.node_key = $1 AND l.fence IS NOT NULL AND NOT l.told
   AND t.tenant_key = l.tenant_key AND p.project_key = l.project_key
RETURNING t.tenant_id, p.project_id, l.run_id, l.task, l.names, l.fence, l.granted_at, l.expires_at

-- name: locks.sweep
-- What a run left whose node died between its last fact and the release.
WITH gone AS (
  DELETE FROM lock_requests l USING streams s
   WHERE s.tenant_key = l.tenant_key AND s.project_key = l.project_key AND s.stream_id = l.run_id AND s.closed
  RETURNING l.tenant_key, l.project_key
)
SELECT DISTINCT t.tenant_id, p.project_id, g.tenant_key, g.project_key
  FROM gone g JOIN tenants t USING (tenant_key) JOIN projects p ON p.project_key = g.project_key

-- name: locks.due
-- Projects in which somebody's time is over: the next turn there takes it away.
SELECT DISTINCT t.tenant_id, p.project_id, l.tenant_key, l.project_key
  FROM lock_requests l JOIN nodes n USING (node_key)
  JOIN tenants t USING (tenant_key) JOIN projects p ON p.project_key = l.project_key
 WHERE l.holder IS NOT NULL AND (l.expires_at <= clock_timestamp()
   OR (l.fence IS NULL AND (l.wait_until <= clock_timestamp() OR n.fenced_at IS NOT NULL)))

-- name: locks.list
-- What a door shows, as role app. A place in the queue counts those before that want a name too.
SELECT l.request_id, l.run_id, l.names, l.fence, l.requested_at, l.granted_at, l.holder, l.actor, l.expires_at,
       CASE WHEN l.fence IS NULL THEN 1 + (SELECT count(*)::int FROM lock_requests b
         WHERE b.tenant_key = l.tenant_key AND b.project_key = l.project_key AND b.fence IS NULL
           AND b.request_id < l.request_id AND b.names && l.names) END,
       (SELECT s.step_id FROM tasks_read s WHERE s.tenant_key = l.tenant_key AND s.project_key = l.project_key
         AND s.run_id = l.run_id AND s.idx = l.task)
  FROM lock_requests l
 WHERE l.tenant_key = $1 AND l.project_key = $2 AND ($3::bigint IS NULL OR l.request_id > $3)
   AND ($4::text IS NULL OR $4 = ANY (l.names)) AND ($5::text IS NULL OR (l.run_id = $5 AND l.holder IS NOT NULL))
   AND (l.expires_at IS NULL OR l.expires_at > clock_timestamp())
 ORDER BY l.request_id LIMIT $6
