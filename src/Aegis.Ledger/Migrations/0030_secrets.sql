-- A project's secrets, sealed before they come here: whoever reads this table, or a dump of it, reads no value.
CREATE TABLE secrets (
  tenant_key  int  NOT NULL REFERENCES tenants,
  project_key int  NOT NULL REFERENCES projects,
  name        text NOT NULL CONSTRAINT secrets_name_form CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  version     int  NOT NULL CONSTRAINT secrets_version_positive CHECK (version > 0),
  sealed      bytea NOT NULL CONSTRAINT secrets_sealed_length CHECK (octet_length(sealed) BETWEEN 30 AND 65565),
  fingerprint text NOT NULL CONSTRAINT secrets_fingerprint_form CHECK (fingerprint ~ '^[0-9a-f]{8}$'),
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  actor       text NOT NULL,
  PRIMARY KEY (tenant_key, project_key, name)
);
-- expressions compare names without case, so two that differ in case only would be one
CREATE UNIQUE INDEX secrets_one_without_case ON secrets (tenant_key, project_key, lower(name));

SELECT isolate('secrets');
GRANT SELECT, INSERT, UPDATE, DELETE ON secrets TO aegis_app;

-- The ledger's own salt, and a text sealed with the master key: a server that comes with another key finds out at
-- its start, not at the first secret. The salt is no secret.
CREATE TABLE secret_seal (
  only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT secret_seal_one CHECK (only_row),
  salt     bytea NOT NULL CONSTRAINT secret_seal_salt_length CHECK (octet_length(salt) = 32),
  probe    bytea NOT NULL
);
GRANT SELECT, INSERT ON secret_seal TO aegis_app;
