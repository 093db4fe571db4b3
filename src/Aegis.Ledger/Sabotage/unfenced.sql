-- name: events.append_unfenced
-- events.append without its fence. Compiled in only where AegisSabotage is fence.
INSERT INTO events (stream_key, version, tenant_key, project_key, at, type, salt, payload, hash)
SELECT e.stream_key, e.version, e.tenant_key, e.project_key, e.at, e.type, e.salt, e.payload, e.hash
FROM unnest($2::bigint[], $3::int[], $4::int[], $5::int[], $6::timestamptz[], $7::text[], $8::bytea[],
  $9::bytea[], $10::bytea[])
  AS e(stream_key, version, tenant_key, project_key, at, type, salt, payload, hash)
WHERE $1::bigint IS NOT NULL
