-- What is learned about models, beyond the memory of a node.

-- Verdicts, each once: of runs (a projection of their facts that is kept, not rebuilt) and of doors. Every node folds
-- them in the order (xid, position), which gains no member behind a reader. They fade within days and are deleted long
-- after they count for nothing.
CREATE TABLE model_verdicts (
  tenant_key  int    NOT NULL REFERENCES tenants,
  project_key int    NOT NULL REFERENCES projects,
  subject     text   NOT NULL, -- the call that was judged, or the step of a run that judged
  kind        text   NOT NULL CONSTRAINT model_verdicts_kind
    CHECK (kind IN ('tests_passed', 'auditor', 'schema_valid', 'user_approval')),
  actor       text   NOT NULL,
  judged      text   NOT NULL, -- a digest of the next three, which are too long together for an index
  task_type   text   NOT NULL,
  provider    text   NOT NULL,
  model       text   NOT NULL,
  value       float8 NOT NULL CONSTRAINT model_verdicts_value CHECK (value BETWEEN 0 AND 1),
  at          timestamptz NOT NULL,
  xid         xid8   NOT NULL DEFAULT pg_current_xact_id(),
  position    bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (tenant_key, project_key, subject, kind, actor, judged)
);
CREATE INDEX model_verdicts_order ON model_verdicts (xid, position);
CREATE INDEX model_verdicts_at ON model_verdicts (at);

-- Decisions that another model stands in. One stands for each model and task type, until it is undone.
CREATE TABLE model_replacements (
  tenant_key     int  NOT NULL REFERENCES tenants,
  project_key    int  NOT NULL REFERENCES projects,
  replacement_id text NOT NULL,
  from_provider  text NOT NULL,
  from_model     text NOT NULL,
  to_provider    text NOT NULL,
  to_model       text NOT NULL,
  task_type      text NULL, -- for all where null
  why            text NOT NULL CONSTRAINT model_replacements_why
    CHECK (why IN ('gone', 'quality_fell', 'availability_fell')),
  evidence       jsonb NOT NULL,
  decided_at     timestamptz NOT NULL,
  undone_at      timestamptz NULL,
  undone_by      text NULL,
  PRIMARY KEY (tenant_key, project_key, replacement_id)
);
CREATE UNIQUE INDEX model_replacements_standing ON model_replacements
  (tenant_key, project_key, md5(from_provider || E'\n' || from_model || E'\n' || coalesce(task_type, '')),
   (task_type IS NULL)) WHERE undone_at IS NULL;

-- The learning state of each home as its node kept it last, with the place in model_verdicts that it stands for. It is of
-- all tenants together, because all share what they begin from; doors never see it.
CREATE TABLE routing_state (
  home_id  text   PRIMARY KEY,
  saved_at timestamptz NOT NULL,
  xid      xid8   NOT NULL,
  position bigint NOT NULL,
  state    bytea  NOT NULL
);

SELECT isolate('model_verdicts');
SELECT isolate('model_replacements');
GRANT SELECT, INSERT ON model_verdicts TO aegis_app;
GRANT SELECT, INSERT, DELETE ON model_verdicts TO aegis_engine;
GRANT SELECT, UPDATE (undone_at, undone_by) ON model_replacements TO aegis_app;
GRANT SELECT, INSERT, UPDATE (undone_at, undone_by) ON model_replacements TO aegis_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON routing_state TO aegis_engine;
