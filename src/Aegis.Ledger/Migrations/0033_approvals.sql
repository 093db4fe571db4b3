-- What waits, or waited, for a human, so that a list of it is one index scan and not a search through streams; and
-- what a workflow's outputs came to. Both are projections: the row of read_models_state is older than they are, so
-- the engine throws the rows away and writes them again from events at its next start.

-- text, not jsonb: outputs may hold the escaped zero character, which jsonb refuses.
ALTER TABLE runs_read ADD COLUMN outputs text NULL;

CREATE UNLOGGED TABLE approvals_read (
  tenant_key int NOT NULL, project_key int NOT NULL, approval_id text NOT NULL,
  run_id text NOT NULL, step_id text NOT NULL, message text NULL,
  status text NOT NULL CONSTRAINT approvals_read_status
    CHECK (status IN ('pending', 'granted', 'denied', 'withdrawn')),
  requested_at timestamptz NOT NULL, expires_at timestamptz NULL,
  answered_at timestamptz NULL, answered_by text NULL, reason text NULL,
  PRIMARY KEY (tenant_key, project_key, approval_id)
);
CREATE INDEX approvals_read_newest
  ON approvals_read (tenant_key, project_key, status, requested_at DESC, approval_id DESC);

SELECT isolate('approvals_read');
GRANT SELECT ON approvals_read TO aegis_app, aegis_app_tenant;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON approvals_read TO aegis_engine;
