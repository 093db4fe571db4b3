-- Artifacts have their versions as rows, and projects a key that signs them. The projection of 0002 had one row an
-- artifact and was never written; it is made anew, and the engine fills it from events at its next start.

DROP TABLE artifacts_read;

CREATE UNLOGGED TABLE artifacts_read (
  tenant_key int NOT NULL, project_key int NOT NULL, artifact_id text NOT NULL, version int NOT NULL,
  run_id text NULL, task_id text NULL, path text NOT NULL, media_type text NOT NULL, document boolean NOT NULL,
  status text NOT NULL, bytes bigint NOT NULL, content_hash text NOT NULL,
  hash_prev text NULL, hash_curr text NOT NULL, signature text NOT NULL, key_id text NOT NULL, signer text NOT NULL,
  header text NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_key, project_key, artifact_id, version)
);
CREATE INDEX artifacts_read_newest ON artifacts_read (tenant_key, project_key, updated_at DESC, artifact_id DESC);
CREATE INDEX artifacts_read_run ON artifacts_read (tenant_key, project_key, run_id) WHERE run_id IS NOT NULL;

SELECT isolate('artifacts_read');
GRANT SELECT ON artifacts_read TO aegis_app, aegis_app_tenant;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON artifacts_read TO aegis_engine;

-- Made at a project's first artifact. The private half is sealed before it comes here; the public one is in every
-- artifact's first fact too, so that an export can be verified alone.
CREATE TABLE artifact_keys (
  tenant_key  int   NOT NULL REFERENCES tenants,
  project_key int   NOT NULL REFERENCES projects,
  key_id      text  NOT NULL CONSTRAINT artifact_keys_id_form CHECK (key_id ~ '^[0-9a-f]{32}$'),
  public_key  bytea NOT NULL,
  sealed      bytea NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_key, project_key, key_id)
);

SELECT isolate('artifact_keys');
GRANT SELECT, INSERT ON artifact_keys TO aegis_app;
