-- name: events.append
-- The fence: a share lock on the node's row. A takeover updates that row, so it waits for a flush under way, and
-- a flush that comes after it finds nothing and inserts nothing.
WITH fence AS MATERIALIZED (
  SELECT 1 FROM nodes WHERE node_key = $1 AND fenced_at IS NULL FOR SHARE
)
INSERT INTO events (stream_key, version, tenant_key, project_key, at, type, salt, payload, hash)
SELECT e.stream_key, e.version, e.tenant_key, e.project_key, e.at, e.type, e.salt, e.payload, e.hash
FROM fence, unnest($2::bigint[], $3::int[], $4::int[], $5::int[], $6::timestamptz[], $7::text[], $8::bytea[],
  $9::bytea[], $10::bytea[])
  AS e(stream_key, version, tenant_key, project_key, at, type, salt, payload, hash)

-- name: streams.create
WITH fence AS MATERIALIZED (
  SELECT 1 FROM nodes WHERE node_key = $1 AND fenced_at IS NULL FOR SHARE
)
INSERT INTO streams (stream_key, tenant_key, project_key, stream_id, owner_node, created_at)
SELECT s.stream_key, s.tenant_key, s.project_key, s.stream_id, $1, s.created_at
FROM fence, unnest($2::bigint[], $3::int[], $4::int[], $5::text[], $6::timestamptz[])
  AS s(stream_key, tenant_key, project_key, stream_id, created_at)

-- name: streams.taken
-- New streams whose id another one has: asked after a unique violation that no event explains.
SELECT s.tenant_key, s.project_key, s.stream_id, s.stream_key FROM streams s
JOIN unnest($1::int[], $2::int[], $3::text[]) AS w(tenant_key, project_key, stream_id)
  USING (tenant_key, project_key, stream_id)

-- name: streams.key_block
SELECT nextval('stream_key_blocks')

-- name: events.find
-- Which of these appends are there: asked after a broken connection, when the outcome of a flush is unknown.
SELECT e.stream_key, e.version, e.hash FROM events e
JOIN unnest($1::bigint[], $2::int[]) AS w(stream_key, version) USING (stream_key, version)

-- name: events.read
SELECT version, type, at, payload, hash FROM events
WHERE stream_key = $1 AND version > $2 ORDER BY version LIMIT $3

-- name: streams.find
SELECT stream_key, owner_node, closed FROM streams WHERE tenant_key = $1 AND project_key = $2 AND stream_id = $3

-- name: streams.claim
-- Streams whose last owner is fenced go to this node, unless it has been fenced itself.
UPDATE streams s SET owner_node = $1
FROM nodes n, tenants t, projects p
WHERE NOT s.closed AND n.node_key = s.owner_node AND n.fenced_at IS NOT NULL
  AND t.tenant_key = s.tenant_key AND p.project_key = s.project_key
  AND EXISTS (SELECT 1 FROM nodes me WHERE me.node_key = $1 AND me.fenced_at IS NULL FOR SHARE)
RETURNING s.stream_key, s.tenant_key, s.project_key, s.stream_id, t.tenant_id, p.project_id

-- name: streams.all
SELECT s.stream_key, s.tenant_key, s.project_key, s.stream_id, t.tenant_id, p.project_id
FROM streams s JOIN tenants t USING (tenant_key) JOIN projects p ON p.project_key = s.project_key
WHERE s.stream_key > $1 ORDER BY s.stream_key LIMIT $2

-- name: nodes.register
INSERT INTO nodes (home_id, expires_at) VALUES ($1, now() + $2 * interval '1 second') RETURNING node_key

-- name: nodes.renew
UPDATE nodes SET expires_at = now() + $2 * interval '1 second' WHERE node_key = $1 AND fenced_at IS NULL

-- name: nodes.retire
UPDATE nodes SET fenced_at = now() WHERE node_key = $1 AND fenced_at IS NULL

-- name: nodes.fence_dead
-- A node of the same home is dead for sure (the home's lock is held by the asker); others when their lease ran out.
UPDATE nodes SET fenced_at = now()
WHERE fenced_at IS NULL AND node_key <> $1 AND (home_id = $2 OR expires_at < now())

-- name: commands.insert
WITH stored AS (
  INSERT INTO run_commands (stream_key, tenant_key, project_key, kind, payload, actor)
  SELECT s.stream_key, s.tenant_key, s.project_key, $4, $5, $6 FROM streams s
  WHERE s.tenant_key = $1 AND s.project_key = $2 AND s.stream_id = $3
  RETURNING command_id
)
SELECT command_id, pg_notify('aegis_commands', '') FROM stored

-- name: commands.pending
SELECT c.command_id, c.stream_key, c.kind, c.payload, c.actor FROM run_commands c
JOIN streams s USING (stream_key) WHERE s.owner_node = $1 ORDER BY c.command_id LIMIT 500

-- name: commands.delete
DELETE FROM run_commands WHERE command_id = ANY($1)

-- name: feed.read
-- Gap-free: every transaction below the snapshot's xmin has ended, so nothing can appear behind the cursor.
-- (The table's name is needed in ORDER BY: a bare xid would be the text of the output.)
SELECT e.xid::text, e.position, e.stream_key, e.version, e.tenant_key, e.project_key, e.at, e.type, e.payload
FROM events e
WHERE (e.xid, e.position) > ($1::text::xid8, $2) AND e.xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY e.xid, e.position LIMIT $3

-- name: notices.listen
LISTEN aegis_commands; LISTEN aegis_profiles; LISTEN aegis_locks

-- name: run_keys.take
-- The run that stands for this key: the given one, or the one that took it before.
WITH taken AS (
  INSERT INTO run_keys (tenant_key, project_key, key_hash, run_id) VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING RETURNING run_id)
SELECT run_id FROM taken
UNION ALL
SELECT run_id FROM run_keys WHERE tenant_key = $1 AND project_key = $2 AND key_hash = $3
LIMIT 1;
