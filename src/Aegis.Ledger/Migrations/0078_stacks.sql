-- What stacks of infrastructure keep between calls: their states and saved plans. The bytes are blobs, each sealed with a
-- key of its own; that key stands here, sealed with the tenant's data key, so that a rotation touches rows and no blobs.
CREATE TABLE stack_files (
  tenant_key  int    NOT NULL REFERENCES tenants,
  project_key int    NOT NULL REFERENCES projects,
  name        text   NOT NULL CONSTRAINT stack_files_name_form CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  kind        text   NOT NULL CONSTRAINT stack_files_kind CHECK (kind IN ('state', 'plan')),
  version     int    NOT NULL CONSTRAINT stack_files_version CHECK (version > 0),
  blob_hash   text   NOT NULL,
  blob_bytes  bigint NOT NULL,
  digest      text   NOT NULL, -- SHA-256 of the open bytes
  base        int    NULL,     -- of a plan: the state that it was made from
  note        text   NOT NULL CONSTRAINT stack_files_note CHECK (octet_length(note) <= 8192),
  call_id     text   NOT NULL,
  actor       text   NOT NULL,
  made_at     timestamptz NOT NULL DEFAULT now(),
  used        text   NULL CONSTRAINT stack_files_used CHECK (used IN ('started', 'done', 'failed')), -- of a plan
  used_by     text   NULL,
  key_version int    NOT NULL,
  sealed_key  bytea  NOT NULL,
  PRIMARY KEY (tenant_key, project_key, name, kind, version),
  CONSTRAINT stack_files_data_key FOREIGN KEY (tenant_key, key_version) REFERENCES tenant_data_keys
);

SELECT isolate('stack_files');
GRANT SELECT, INSERT, DELETE, UPDATE (used, used_by) ON stack_files TO aegis_app;
GRANT SELECT, UPDATE (key_version, sealed_key) ON stack_files TO aegis_engine;
