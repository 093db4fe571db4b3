-- The ledger: who exists (tenants, projects, keys), who writes (nodes, streams), what happened (events), what
-- was asked (run_commands). Integer keys stand behind the text ids so that an event row stays lean.

CREATE TABLE tenants (
  tenant_key  int  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id   text NOT NULL UNIQUE CONSTRAINT tenants_id_form CHECK (tenant_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE projects (
  project_key int  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_key  int  NOT NULL REFERENCES tenants,
  project_id  text NOT NULL CONSTRAINT projects_id_form CHECK (project_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  created_at  timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_key, project_id)
);

-- A key is shown once; only its SHA-256 is kept. project_key NULL: every project of the tenant.
CREATE TABLE api_keys (
  key_id      text PRIMARY KEY,
  tenant_key  int  NOT NULL REFERENCES tenants,
  project_key int  NULL REFERENCES projects,
  name        text NOT NULL,
  key_hash    bytea NOT NULL UNIQUE CONSTRAINT api_keys_hash_length CHECK (octet_length(key_hash) = 32),
  scopes      text[] NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  revoked_at  timestamptz NULL
);

-- A project's profile.yaml; every change is a new version, and `files` holds what it names (rehearsals).
CREATE TABLE profiles (
  tenant_key  int  NOT NULL REFERENCES tenants,
  project_key int  NOT NULL REFERENCES projects,
  version     int  NOT NULL,
  yaml        text NOT NULL,
  files       jsonb NOT NULL DEFAULT '{}',
  created_by  text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_key, project_key, version)
);

-- One row per start of a server. node_key is the lease epoch: it only grows, and a node whose row is fenced can
-- append nothing any more (the append statement takes a share lock on this row).
CREATE TABLE nodes (
  node_key    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  home_id     text NOT NULL,
  started_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL,
  fenced_at   timestamptz NULL
);

-- stream_key comes in blocks of 1,000 from this sequence, so that a new run costs no round trip.
CREATE SEQUENCE stream_key_blocks INCREMENT BY 1000;

CREATE TABLE streams (
  stream_key  bigint PRIMARY KEY,
  tenant_key  int  NOT NULL,
  project_key int  NOT NULL,
  stream_id   text NOT NULL,
  owner_node  bigint NULL REFERENCES nodes,
  closed      boolean NOT NULL DEFAULT false,
  created_at  timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_key, project_key, stream_id)
);
CREATE INDEX streams_open ON streams (owner_node) WHERE NOT closed;

-- Lean on purpose: bytes, not jsonb (jsonb rewrites what was hashed). payload and salt are NULL once erased;
-- payload_hash is filled then, so that the chain still verifies.
CREATE TABLE events (
  stream_key   bigint NOT NULL,
  version      int    NOT NULL,
  tenant_key   int    NOT NULL,
  project_key  int    NOT NULL,
  position     bigint GENERATED ALWAYS AS IDENTITY,
  xid          xid8   NOT NULL DEFAULT pg_current_xact_id(),
  at           timestamptz NOT NULL,
  type         text   NOT NULL,
  salt         bytea  NULL,
  payload      bytea  NULL,
  payload_hash bytea  NULL,
  hash         bytea  NOT NULL,
  PRIMARY KEY (stream_key, version),
  CONSTRAINT events_erased_whole CHECK ((payload IS NULL) = (salt IS NULL) AND (payload IS NULL) = (payload_hash IS NOT NULL))
);
-- Subscriptions read in (xid, position) order below pg_snapshot_xmin, which cannot skip a late commit.
CREATE INDEX events_feed ON events (xid, position);

CREATE TABLE run_commands (
  command_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream_key  bigint NOT NULL REFERENCES streams,
  tenant_key  int  NOT NULL,
  project_key int  NOT NULL,
  kind        text NOT NULL,
  payload     bytea NOT NULL,
  actor       text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
);
