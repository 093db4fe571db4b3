-- Envelopes. Every tenant has data keys of its own, wrapped by the master key; values are sealed with the newest.
-- Whoever has one tenant's data key reads that tenant's secrets alone, and the master key changes without any value
-- being sealed again.
CREATE TABLE tenant_data_keys (
  tenant_key  int   NOT NULL REFERENCES tenants,
  key_version int   NOT NULL CONSTRAINT tenant_data_keys_version_positive CHECK (key_version > 0),
  wrapped     bytea NOT NULL CONSTRAINT tenant_data_keys_wrapped_length CHECK (octet_length(wrapped) = 93),
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_key, key_version)
);
SELECT isolate('tenant_data_keys');
GRANT SELECT, INSERT ON tenant_data_keys TO aegis_app;
GRANT SELECT, INSERT, UPDATE (wrapped), DELETE ON tenant_data_keys TO aegis_engine;

-- A value is a version of its secret: a rotation leaves the one before valid until expires_at. key_version is NULL
-- only for what an earlier server sealed with the master key itself; the next start seals it anew. The foreign key
-- keeps a data key until nothing is sealed with it any more, also against a writer that was slower than a rotation.
CREATE TABLE secret_versions (
  tenant_key  int   NOT NULL,
  project_key int   NOT NULL,
  name        text  NOT NULL,
  version     int   NOT NULL CONSTRAINT secret_versions_version_positive CHECK (version > 0),
  key_version int   NULL,
  sealed      bytea NOT NULL CONSTRAINT secret_versions_sealed_length CHECK (octet_length(sealed) BETWEEN 30 AND 65565),
  fingerprint text  NOT NULL CONSTRAINT secret_versions_fingerprint_form CHECK (fingerprint ~ '^[0-9a-f]{8}([0-9a-f]{8})?$'),
  created_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NULL,
  actor       text  NOT NULL,
  PRIMARY KEY (tenant_key, project_key, name, version),
  CONSTRAINT secret_versions_secret FOREIGN KEY (tenant_key, project_key, name)
    REFERENCES secrets ON DELETE CASCADE,
  CONSTRAINT secret_versions_data_key FOREIGN KEY (tenant_key, key_version) REFERENCES tenant_data_keys
);
CREATE INDEX secret_versions_data_key ON secret_versions (tenant_key, key_version);
CREATE INDEX secret_versions_expiry ON secret_versions (expires_at) WHERE expires_at IS NOT NULL;

ALTER TABLE secrets NO FORCE ROW LEVEL SECURITY;
INSERT INTO secret_versions (tenant_key, project_key, name, version, sealed, fingerprint, created_at, actor)
SELECT tenant_key, project_key, name, version, sealed, fingerprint, updated_at, actor FROM secrets;
ALTER TABLE secrets FORCE ROW LEVEL SECURITY;

SELECT isolate('secret_versions');
GRANT SELECT, INSERT, UPDATE (expires_at), DELETE ON secret_versions TO aegis_app;
GRANT SELECT, UPDATE (key_version, sealed, fingerprint), DELETE ON secret_versions TO aegis_engine;

-- Hosts that a secret is bound to; none: nothing may send it anywhere but a step that names it.
ALTER TABLE secrets DROP COLUMN sealed, DROP COLUMN fingerprint,
  ADD COLUMN hosts text[] NOT NULL DEFAULT '{}' CONSTRAINT secrets_hosts_count CHECK (cardinality(hosts) <= 20);

ALTER TABLE artifact_keys ADD COLUMN key_version int NULL,
  ADD CONSTRAINT artifact_keys_data_key FOREIGN KEY (tenant_key, key_version) REFERENCES tenant_data_keys;
GRANT SELECT, UPDATE (key_version, sealed) ON artifact_keys TO aegis_engine;

-- Which master key: a server that still has the one before can wrap nothing any more.
ALTER TABLE secret_seal ADD COLUMN generation int NOT NULL DEFAULT 1;
GRANT SELECT, UPDATE (salt, probe, generation) ON secret_seal TO aegis_engine;
