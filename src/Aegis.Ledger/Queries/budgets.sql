-- What limits have given away, as role engine. Keys come as columns, in one order for everybody, so that two who hold
-- several rows never wait for each other.

-- name: budgets.alive
-- A node that was fenced leases nothing any more.
SELECT 1 FROM nodes WHERE node_key = $1 AND fenced_at IS NULL FOR SHARE

-- name: budgets.hold
-- Locks the rows until the transaction ends, so that what is granted is granted of what was seen. They come back in
-- the order of the keys.
INSERT INTO budget_pools AS p (tenant_key, scope, holder, period, unit, begins)
SELECT w.* FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[]) AS w
ON CONFLICT (tenant_key, scope, holder, period, unit, begins) DO UPDATE SET spent = p.spent
RETURNING spent, outstanding

-- name: budgets.leases
SELECT coalesce(l.leased, 0), coalesce(l.spent, 0), coalesce(l.given_back, 0)
  FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[])
    WITH ORDINALITY AS w(tenant_key, scope, holder, period, unit, begins, n)
  LEFT JOIN budget_leases l ON l.node_key = $7 AND (l.tenant_key, l.scope, l.holder, l.period, l.unit, l.begins)
    = (w.tenant_key, w.scope, w.holder, w.period, w.unit, w.begins)
 ORDER BY w.n

-- name: budgets.put
-- What was reckoned while the rows were held.
WITH w AS (
  SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $8::numeric[],
    $9::numeric[], $10::numeric[], $11::numeric[], $12::numeric[])
    AS w(tenant_key, scope, holder, period, unit, begins, pool_spent, outstanding, leased, spent, given_back)
), pools AS (
  UPDATE budget_pools p SET spent = w.pool_spent, outstanding = w.outstanding FROM w
   WHERE (p.tenant_key, p.scope, p.holder, p.period, p.unit, p.begins)
       = (w.tenant_key, w.scope, w.holder, w.period, w.unit, w.begins)
)
INSERT INTO budget_leases (tenant_key, scope, holder, period, unit, begins, node_key, leased, spent, given_back)
SELECT tenant_key, scope, holder, period, unit, begins, $7, leased, spent, given_back FROM w
ON CONFLICT (tenant_key, scope, holder, period, unit, begins, node_key)
  DO UPDATE SET leased = excluded.leased, spent = excluded.spent, given_back = excluded.given_back

-- name: budgets.close
DELETE FROM budget_leases l
 USING unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[])
    AS w(tenant_key, scope, holder, period, unit, begins)
 WHERE l.node_key = $7 AND l.spent + l.given_back >= l.leased
   AND (l.tenant_key, l.scope, l.holder, l.period, l.unit, l.begins)
     = (w.tenant_key, w.scope, w.holder, w.period, w.unit, w.begins)

-- name: budgets.look
SELECT coalesce(p.spent, 0), coalesce(p.outstanding, 0)
  FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[])
    WITH ORDINALITY AS w(tenant_key, scope, holder, period, unit, begins, n)
  LEFT JOIN budget_pools p ON (p.tenant_key, p.scope, p.holder, p.period, p.unit, p.begins)
    = (w.tenant_key, w.scope, w.holder, w.period, w.unit, w.begins)
 ORDER BY w.n

-- name: budgets.sweep
-- What nobody asks for again: of runs that have ended, and of periods that ended so many days ago.
WITH gone AS (
  DELETE FROM budget_pools p
   WHERE (p.period <> 'total' AND p.begins < current_date - $1::int)
      OR (p.scope = 'run' AND EXISTS (
           SELECT 1 FROM projects pr JOIN streams s ON s.tenant_key = pr.tenant_key AND s.project_key = pr.project_key
            WHERE pr.tenant_key = p.tenant_key AND s.stream_id = p.holder AND s.closed))
  RETURNING tenant_key, scope, holder, period, unit, begins
)
DELETE FROM budget_leases l USING gone g
 WHERE (l.tenant_key, l.scope, l.holder, l.period, l.unit, l.begins)
     = (g.tenant_key, g.scope, g.holder, g.period, g.unit, g.begins)
