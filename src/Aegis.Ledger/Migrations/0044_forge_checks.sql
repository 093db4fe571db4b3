-- What tests and reviews say of a commit at the local forge: statuses as GitHub has them (each is kept, the newest of
-- a name counts) and check runs with their annotations.

CREATE TABLE forge_statuses (
  tenant_key  int  NOT NULL REFERENCES tenants,
  project_key int  NOT NULL REFERENCES projects,
  status_id   bigint GENERATED ALWAYS AS IDENTITY,
  repo        text NOT NULL CONSTRAINT forge_statuses_repo_form CHECK (repo ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  sha         text NOT NULL CONSTRAINT forge_statuses_sha_form CHECK (sha ~ '^[0-9a-f]{40}$'),
  context     text NOT NULL,
  state       text NOT NULL CONSTRAINT forge_statuses_state CHECK (state IN ('error', 'failure', 'pending', 'success')),
  description text NULL,
  target_url  text NULL,
  created_by  text NOT NULL,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_key, project_key, repo, sha, status_id)
);

CREATE TABLE forge_checks (
  tenant_key   int  NOT NULL REFERENCES tenants,
  project_key  int  NOT NULL REFERENCES projects,
  check_id     bigint GENERATED ALWAYS AS IDENTITY,
  repo         text NOT NULL CONSTRAINT forge_checks_repo_form CHECK (repo ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  sha          text NOT NULL CONSTRAINT forge_checks_sha_form CHECK (sha ~ '^[0-9a-f]{40}$'),
  name         text NOT NULL,
  status       text NOT NULL CONSTRAINT forge_checks_status CHECK (status IN ('queued', 'in_progress', 'completed')),
  conclusion   text NULL,
  external_id  text NOT NULL DEFAULT '',
  details_url  text NULL,
  title        text NULL,
  summary      text NULL,
  words        text NULL,
  -- only ever longer: a request adds to those that are there
  annotations  jsonb NOT NULL DEFAULT '[]',
  started_at   timestamptz NULL,
  completed_at timestamptz NULL,
  created_by   text NOT NULL,
  PRIMARY KEY (tenant_key, project_key, repo, check_id),
  CONSTRAINT forge_checks_conclusion CHECK ((status = 'completed') = (conclusion IS NOT NULL))
);
CREATE INDEX forge_checks_of_commit ON forge_checks (tenant_key, project_key, repo, sha);

SELECT isolate('forge_statuses'), isolate('forge_checks');
GRANT SELECT, INSERT ON forge_statuses TO aegis_app;
GRANT SELECT, INSERT, UPDATE ON forge_checks TO aegis_app;
