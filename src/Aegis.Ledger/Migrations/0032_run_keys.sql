-- Keys by which a start that comes again is known: two starts with one key are one run. The run's id is chosen here,
-- before the run: a start that dies in between is taken up by the next one with the same key.

CREATE TABLE run_keys (
  tenant_key  int   NOT NULL REFERENCES tenants,
  project_key int   NOT NULL REFERENCES projects,
  key_hash    bytea NOT NULL CONSTRAINT run_keys_hash_length CHECK (octet_length(key_hash) = 32),
  run_id      text  NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_key, project_key, key_hash)
);

SELECT isolate('run_keys');
GRANT SELECT, INSERT ON run_keys TO aegis_engine;
