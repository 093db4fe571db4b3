-- Answers of models that may be given again.

-- name: answers.find
SELECT protocol, body, tokens, expires_at - now() FROM model_answers
 WHERE tenant_key = $1 AND project_key = $2 AND key = $3 AND expires_at > now()

-- name: answers.keep
-- $4: heads, $5: protocols, $6: bodies, $7: five counts of tokens each, one after the other, $8: seconds
INSERT INTO model_answers (tenant_key, project_key, key, key_head, protocol, body, tokens, expires_at)
SELECT $1, $2, a.key, a.head, a.protocol, a.body, ($7::bigint[])[a.n * 5 - 4:a.n * 5],
       now() + a.seconds * interval '1 second'
  FROM unnest($3::bytea[], $4::bigint[], $5::text[], $6::bytea[], $8::float8[]) WITH ORDINALITY
    AS a(key, head, protocol, body, seconds, n)
ON CONFLICT (tenant_key, project_key, key) DO UPDATE SET seq = excluded.seq, protocol = excluded.protocol,
  body = excluded.body, tokens = excluded.tokens, expires_at = excluded.expires_at

-- name: answers.last
SELECT coalesce(max(seq), 0) FROM model_answers

-- name: answers.news
-- $2: rows may become visible in another order than they were numbered in
SELECT key_head FROM model_answers WHERE seq > $1 - $2 AND expires_at > now() ORDER BY seq DESC LIMIT $3

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
