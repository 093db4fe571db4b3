-- Requests that carry an Idempotency-Key, with their answers. A key's row is there before its request does anything,
-- with the id of the run that the request may start: a request that died half way is done again under the same id.

CREATE TABLE idempotency_keys (
  tenant_key  int   NOT NULL REFERENCES tenants,
  project_key int   NOT NULL REFERENCES projects,
  actor       text  NOT NULL,
  key         text  NOT NULL CONSTRAINT idempotency_keys_key_length CHECK (length(key) BETWEEN 1 AND 255),
  fingerprint bytea NOT NULL CONSTRAINT idempotency_keys_fingerprint_length CHECK (octet_length(fingerprint) = 32),
  run_id      text  NOT NULL,
  -- until then somebody works on the request; he renews it while he does
  held_until  timestamptz NOT NULL,
  -- NULL: not answered yet
  status      int   NULL,
  media_type  text  NULL,
  location    text  NULL,
  -- NULL beside a status: too long to be kept
  body        bytea NULL CONSTRAINT idempotency_keys_body_length CHECK (octet_length(body) <= 65536),
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_key, project_key, actor, key)
);
CREATE INDEX idempotency_keys_old ON idempotency_keys (created_at);

SELECT isolate('idempotency_keys');
GRANT SELECT, INSERT, UPDATE ON idempotency_keys TO aegis_app;
GRANT SELECT, DELETE ON idempotency_keys TO aegis_engine;
