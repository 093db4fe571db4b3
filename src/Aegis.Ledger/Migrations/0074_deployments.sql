-- Deployments of the target process: what is wanted and what is served, so that a server that starts again knows what
-- to start. Each belongs to one home, whose server alone writes its row.
CREATE TABLE deployments (
  tenant_key  int  NOT NULL REFERENCES tenants,
  project_key int  NOT NULL REFERENCES projects,
  name        text NOT NULL CONSTRAINT deployments_name_form CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  home_id     text NOT NULL,
  port        int  NULL CONSTRAINT deployments_port CHECK (port BETWEEN 1 AND 65535),
  wanted      text NOT NULL CONSTRAINT deployments_wanted CHECK (wanted IN ('running', 'stopped')),
  status      text NOT NULL CONSTRAINT deployments_status
    CHECK (status IN ('starting', 'healthy', 'unhealthy', 'crash_loop', 'stopped', 'failed')),
  release_id  text NULL, -- what the address leads to
  before_id   text NULL, -- what a rollback goes back to
  error       text NULL,
  restarts    int  NOT NULL,
  updated_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_key, project_key, name)
);
CREATE INDEX deployments_home ON deployments (home_id);

CREATE TABLE deployment_releases (
  tenant_key  int  NOT NULL,
  project_key int  NOT NULL,
  name        text NOT NULL,
  release_id  text NOT NULL CONSTRAINT deployment_releases_form CHECK (release_id ~ '^rel_[0-9a-f]{24}$'),
  -- text, not jsonb: the id is a hash of it
  spec        text NOT NULL CONSTRAINT deployment_releases_spec CHECK (octet_length(spec) <= 1048576),
  call_id     text NULL,
  actor       text NOT NULL,
  deployed_at timestamptz NOT NULL,
  verdict     text NOT NULL CONSTRAINT deployment_releases_verdict
    CHECK (verdict IN ('starting', 'served', 'rolled_back')),
  PRIMARY KEY (tenant_key, project_key, name, release_id),
  FOREIGN KEY (tenant_key, project_key, name) REFERENCES deployments ON DELETE CASCADE
);

SELECT isolate('deployments');
SELECT isolate('deployment_releases');
GRANT SELECT, INSERT, UPDATE ON deployments TO aegis_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON deployment_releases TO aegis_app;
GRANT SELECT ON deployments TO aegis_engine;
