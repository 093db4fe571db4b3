-- The whole ledger, or one tenant's, or one project's (a NULL parameter does not narrow), stream after stream. The
-- server computes the payload's hash, so that payloads do not travel; only records of erasure are read.
-- A time that is no number at all (a forged 'infinity') becomes -1 and fails its hash.

-- name: audit.events
SELECT e.stream_key, s.stream_id, t.tenant_id, p.project_id,
       coalesce(s.tenant_key = e.tenant_key AND s.project_key = e.project_key, false) AS stream_agrees,
       e.version, e.type,
       CASE WHEN isfinite(e.at) THEN (extract(epoch FROM e.at) * 1000000)::bigint ELSE -1 END AS at,
       CASE WHEN e.payload IS NULL THEN e.payload_hash ELSE sha256(e.salt || e.payload) END AS payload_hash,
       e.hash, e.payload IS NULL AS erased,
       CASE WHEN e.type = 'PayloadErased' THEN e.payload END AS erasure
  FROM events e
  LEFT JOIN streams s ON s.stream_key = e.stream_key
  LEFT JOIN tenants t ON t.tenant_key = e.tenant_key
  LEFT JOIN projects p ON p.project_key = e.project_key AND p.tenant_key = e.tenant_key
 WHERE ($1::text IS NULL OR t.tenant_id = $1) AND ($2::text IS NULL OR p.project_id = $2)
 ORDER BY e.stream_key, e.version

-- name: audit.export
SELECT t.tenant_id, p.project_id, s.stream_id, e.version, e.type,
       (extract(epoch FROM e.at) * 1000000)::bigint AS at, e.salt, e.payload, e.payload_hash, e.hash
  FROM events e
  JOIN streams s ON s.stream_key = e.stream_key
  JOIN tenants t ON t.tenant_key = e.tenant_key
  JOIN projects p ON p.project_key = e.project_key AND p.tenant_key = e.tenant_key
 WHERE ($1::text IS NULL OR t.tenant_id = $1) AND ($2::text IS NULL OR p.project_id = $2)
 ORDER BY e.stream_key, e.version

-- Up to which transaction everything is settled, and the newest there is.
-- name: checkpoint.watermark
SELECT pg_snapshot_xmin(pg_current_snapshot())::text, pg_snapshot_xmax(pg_current_snapshot())::text

-- Heads of the streams with an event of a transaction from the watermark on. Those between the watermark and the
-- snapshot may come twice; a head that comes twice is the same statement twice.
-- name: checkpoint.heads
WITH changed AS (
  SELECT stream_key, max(version) AS version FROM events WHERE xid >= $1::text::xid8 GROUP BY stream_key)
SELECT t.tenant_id, p.project_id, s.stream_id, e.version, e.hash
  FROM changed c
  JOIN events e ON e.stream_key = c.stream_key AND e.version = c.version
  JOIN streams s ON s.stream_key = e.stream_key
  JOIN tenants t ON t.tenant_key = e.tenant_key
  JOIN projects p ON p.project_key = e.project_key

-- name: erasure.erase
UPDATE events e SET payload_hash = coalesce(e.payload_hash, sha256(e.salt || e.payload)), payload = NULL, salt = NULL
  FROM streams s
 WHERE s.tenant_key = $1 AND s.project_key = $2 AND s.stream_id = $3
   AND e.stream_key = s.stream_key AND e.version = $4 AND e.type <> 'PayloadErased'
RETURNING e.payload_hash

-- Facts of these types in a time, counted by type, with the newest few of each. One pass over the project's events.
-- name: audit.evidence
WITH found AS (
  SELECT e.stream_key, e.version, e.type, e.at, e.hash, e.payload IS NULL AS erased,
         count(*) OVER of_type AS total, min(e.at) OVER of_type AS first, max(e.at) OVER of_type AS last,
         row_number() OVER (PARTITION BY e.type ORDER BY e.at DESC, e.stream_key DESC, e.version DESC) AS newest
    FROM events e
   WHERE e.tenant_key = $1 AND e.project_key = $2 AND e.type = ANY($3::text[]) AND e.at >= $4 AND e.at < $5
  WINDOW of_type AS (PARTITION BY e.type))
SELECT f.type, f.total, f.first, f.last, s.stream_id, f.version, f.at, f.hash, f.erased
  FROM found f JOIN streams s USING (stream_key)
 WHERE f.newest <= $6
 ORDER BY f.type, f.newest
