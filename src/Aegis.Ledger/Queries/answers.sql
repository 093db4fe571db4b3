-- Answers of models that may be given again.

-- name: answers.find
SELECT protocol, body, expires_at - now(), input, output, cached, written, reasoning FROM model_answers
 WHERE tenant_key = $1 AND project_key = $2 AND key = $3 AND expires_at > now()

-- name: answers.keep
INSERT INTO model_answers (tenant_key, project_key, key, key_head, protocol, body, body_bytes, input, output, cached,
  written, reasoning, expires_at)
SELECT $1, $2, a.key, a.head, a.protocol, a.body, octet_length(a.body), a.input, a.output, a.cached, a.written,
       a.reasoning, now() + a.seconds * interval '1 second'
  FROM unnest($3::bytea[], $4::bigint[], $5::text[], $6::bytea[], $7::float8[], $8::bigint[], $9::bigint[],
              $10::bigint[], $11::bigint[], $12::bigint[])
    AS a(key, head, protocol, body, seconds, input, output, cached, written, reasoning)
ON CONFLICT (tenant_key, project_key, key) DO UPDATE SET seq = excluded.seq, protocol = excluded.protocol,
  body = excluded.body, body_bytes = excluded.body_bytes, input = excluded.input, output = excluded.output,
  cached = excluded.cached, written = excluded.written, reasoning = excluded.reasoning,
  expires_at = excluded.expires_at

-- name: answers.last
SELECT coalesce(max(seq), 0) FROM model_answers

-- name: answers.news
-- $2: rows may become visible in another order than they were numbered in
SELECT key_head FROM model_answers WHERE seq > $1::bigint - $2::bigint AND expires_at > now() ORDER BY seq DESC LIMIT $3

-- name: answers.prune
DELETE FROM model_answers WHERE expires_at <= now()

-- name: answers.trim
-- The oldest of a project that keeps more than $1 answers or $2 bytes.
WITH ranked AS (
  SELECT tenant_key, project_key, key,
         row_number() OVER newest AS n, sum(body_bytes) OVER newest AS bytes
    FROM model_answers
  WINDOW newest AS (PARTITION BY tenant_key, project_key ORDER BY seq DESC ROWS UNBOUNDED PRECEDING)
)
DELETE FROM model_answers a USING ranked r
 WHERE (r.n > $1 OR r.bytes > $2)
   AND a.tenant_key = r.tenant_key AND a.project_key = r.project_key AND a.key = r.key
