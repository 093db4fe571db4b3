-- What a month's quota has given away: nodes take it in blocks and count within a block in memory, so no call waits
-- for a second commit and no number of nodes goes past the limit. What a node held when it died counts as used.

CREATE TABLE quota_used (
  tenant_key int    NOT NULL REFERENCES tenants,
  holder     text   NOT NULL,
  quota      text   NOT NULL CONSTRAINT quota_used_quota CHECK (quota IN ('calls', 'tokens')),
  month      date   NOT NULL,
  used       bigint NOT NULL DEFAULT 0 CONSTRAINT quota_used_positive CHECK (used >= 0),
  PRIMARY KEY (tenant_key, holder, quota, month)
);

SELECT isolate('quota_used');
GRANT SELECT, INSERT, UPDATE (used) ON quota_used TO aegis_engine;
