-- What limits have given away, each in each of its periods. Nodes lease parts and count within them in memory, so no
-- call waits for a second commit, and no number of nodes goes past a limit: whoever changes anything holds the pool's
-- row. What a node held when it died counts as used. US dollars have twelve places here: a token of the cheapest model
-- costs less than a millionth.
CREATE TABLE budget_pools (
  tenant_key  int            NOT NULL REFERENCES tenants,
  scope       text           NOT NULL
    CONSTRAINT budget_pools_scope CHECK (scope IN ('run', 'project', 'tenant', 'key', 'user')),
  holder      text           NOT NULL CONSTRAINT budget_pools_holder CHECK (length(holder) BETWEEN 1 AND 400),
  period      text           NOT NULL CONSTRAINT budget_pools_period CHECK (period IN ('total', 'month', 'day')),
  unit        text           NOT NULL CONSTRAINT budget_pools_unit CHECK (unit IN ('usd', 'tokens', 'calls')),
  -- the period's first day; -infinity for the one that never ends
  begins      date           NOT NULL,
  -- by calls that ended and were accounted for; it only grows
  spent       numeric(34,12) NOT NULL DEFAULT 0 CONSTRAINT budget_pools_spent CHECK (spent >= 0),
  -- leased by nodes, neither spent nor given back as far as is known
  outstanding numeric(34,12) NOT NULL DEFAULT 0 CONSTRAINT budget_pools_outstanding CHECK (outstanding >= 0),
  PRIMARY KEY (tenant_key, scope, holder, period, unit, begins)
);

-- Sums since a node's lease began; what is accounted for and closed is gone.
CREATE TABLE budget_leases (
  tenant_key int            NOT NULL REFERENCES tenants,
  scope      text           NOT NULL,
  holder     text           NOT NULL,
  period     text           NOT NULL,
  unit       text           NOT NULL,
  begins     date           NOT NULL,
  node_key   bigint         NOT NULL REFERENCES nodes,
  leased     numeric(34,12) NOT NULL,
  spent      numeric(34,12) NOT NULL,
  given_back numeric(34,12) NOT NULL,
  CONSTRAINT budget_leases_sums CHECK (leased >= given_back AND given_back >= 0 AND spent >= 0),
  PRIMARY KEY (tenant_key, scope, holder, period, unit, begins, node_key)
);

-- Months' quotas of calls and tokens were counted in a table of their own. What they have given away is spent.
ALTER TABLE quota_used NO FORCE ROW LEVEL SECURITY;
INSERT INTO budget_pools (tenant_key, scope, holder, period, unit, begins, spent)
SELECT tenant_key,
       CASE WHEN holder LIKE 'key:%' THEN 'key' ELSE split_part(holder, ' ', 1) END,
       CASE WHEN holder LIKE 'key:%' THEN holder ELSE split_part(holder, ' ', 2) END,
       'month', quota, month, used
  FROM quota_used WHERE holder ~ '^(key:.|tenant .|project .)' AND length(holder) <= 400;
DROP TABLE quota_used;

SELECT isolate('budget_pools');
SELECT isolate('budget_leases');
GRANT SELECT, INSERT, UPDATE (spent, outstanding), DELETE ON budget_pools TO aegis_engine;
GRANT SELECT, INSERT, UPDATE (leased, spent, given_back), DELETE ON budget_leases TO aegis_engine;
