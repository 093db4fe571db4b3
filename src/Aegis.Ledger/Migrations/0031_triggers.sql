-- What starts runs by itself, and who is told of runs. Law 2 holds: a run is its events; these rows only say what
-- shall start (registered workflows, schedules, starts that are due) and whom to tell (webhooks, deliveries).

CREATE TABLE workflows (
  tenant_key    int  NOT NULL REFERENCES tenants,
  project_key   int  NOT NULL REFERENCES projects,
  name          text NOT NULL CONSTRAINT workflows_name_form CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  plan_id       text NOT NULL,
  workflow_hash text NOT NULL,
  enabled       boolean NOT NULL DEFAULT true,
  actor         text NOT NULL,
  scopes        text[] NOT NULL,
  triggers      jsonb NOT NULL,
  repository    text NULL,
  ref           text NULL,
  updated_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_key, project_key, name)
);

-- One row for each cron line of a registered workflow. next_at is what the beat claims; NULL: never again.
CREATE TABLE schedules (
  tenant_key  int  NOT NULL,
  project_key int  NOT NULL,
  workflow    text NOT NULL,
  idx         int  NOT NULL,
  cron        text NOT NULL,
  timezone    text NOT NULL,
  missed      text NOT NULL CONSTRAINT schedules_missed CHECK (missed IN ('Skip', 'Once', 'All')),
  next_at     timestamptz NULL,
  PRIMARY KEY (tenant_key, project_key, workflow, idx),
  FOREIGN KEY (tenant_key, project_key, workflow) REFERENCES workflows ON DELETE CASCADE
);
CREATE INDEX schedules_due ON schedules (next_at) WHERE next_at IS NOT NULL;

-- A start that is due. The run's id is chosen here, so that however often a start is tried there is one run. What
-- the run needs is copied: a workflow that changes or goes in between changes nothing.
CREATE TABLE trigger_starts (
  tenant_key  int  NOT NULL REFERENCES tenants,
  project_key int  NOT NULL REFERENCES projects,
  run_id      text NOT NULL,
  workflow    text NOT NULL,
  cause       text NOT NULL,
  plan_id     text NOT NULL,
  actor       text NOT NULL,
  scopes      text[] NOT NULL,
  context     text NOT NULL,
  repository  text NULL,
  ref         text NULL,
  depth       int  NOT NULL DEFAULT 0,
  status      text NOT NULL DEFAULT 'pending' CONSTRAINT trigger_starts_status
                CHECK (status IN ('pending', 'started', 'refused')),
  error       text NULL,
  attempts    int  NOT NULL DEFAULT 0,
  due_at      timestamptz NOT NULL DEFAULT now(),
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_key, project_key, run_id),
  -- what makes a cause start a workflow once, whoever asks at the same moment
  UNIQUE (tenant_key, project_key, workflow, cause)
);
CREATE INDEX trigger_starts_due ON trigger_starts (due_at) WHERE status = 'pending';
CREATE INDEX trigger_starts_old ON trigger_starts (created_at);

-- Deliveries that came in, remembered so that one that comes again starts nothing.
CREATE TABLE hook_deliveries (
  tenant_key  int  NOT NULL REFERENCES tenants,
  project_key int  NOT NULL REFERENCES projects,
  hook        text NOT NULL,
  delivery    text NOT NULL,
  at          timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_key, project_key, hook, delivery)
);
CREATE INDEX hook_deliveries_old ON hook_deliveries (at);

CREATE TABLE webhooks (
  tenant_key  int  NOT NULL REFERENCES tenants,
  project_key int  NOT NULL REFERENCES projects,
  webhook_id  text NOT NULL,
  url         text NOT NULL CONSTRAINT webhooks_url_length CHECK (length(url) BETWEEN 8 AND 2048),
  events      text[] NOT NULL,
  secret_name text NOT NULL,
  enabled     boolean NOT NULL DEFAULT true,
  actor       text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_key, project_key, webhook_id)
);

-- next_at is when the next try is due; while a try is under way it is the end of that try's lease.
CREATE TABLE webhook_deliveries (
  tenant_key    int  NOT NULL,
  project_key   int  NOT NULL,
  delivery_id   text NOT NULL,
  webhook_id    text NOT NULL,
  event         text NOT NULL,
  run_id        text NOT NULL,
  body          text NOT NULL,
  status        text NOT NULL DEFAULT 'pending' CONSTRAINT webhook_deliveries_status
                  CHECK (status IN ('pending', 'delivered', 'dead')),
  attempts      int  NOT NULL DEFAULT 0,
  next_at       timestamptz NOT NULL DEFAULT now(),
  response_code int  NULL,
  last_error    text NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_key, project_key, delivery_id),
  FOREIGN KEY (tenant_key, project_key, webhook_id) REFERENCES webhooks ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (tenant_key, project_key, webhook_id, created_at DESC);
CREATE INDEX webhook_deliveries_old ON webhook_deliveries (created_at);

-- How far the reader of run events has come: one row for all nodes, locked while a page is dealt with. What was
-- before this migration is told to nobody.
CREATE TABLE feed_cursors (
  reader   text PRIMARY KEY,
  xid      xid8 NOT NULL,
  position bigint NOT NULL
);
INSERT INTO feed_cursors VALUES ('runs', pg_snapshot_xmin(pg_current_snapshot()), 0);

-- Few of all events begin or end a run, and only those are read: an index of their own, or the reader would walk
-- every task's events.
CREATE INDEX events_of_runs ON events (xid, position) WHERE type IN ('RunStarted', 'PlanCompleted', 'RunFailed',
  'RunCancelled', 'ApprovalRequested');

SELECT isolate(t) FROM unnest(ARRAY['workflows', 'schedules', 'trigger_starts', 'hook_deliveries', 'webhooks',
  'webhook_deliveries']::regclass[]) AS t;

GRANT SELECT, INSERT, UPDATE, DELETE ON workflows, schedules, webhooks TO aegis_app;
GRANT SELECT, INSERT, UPDATE (status, error) ON trigger_starts TO aegis_app;
GRANT SELECT, INSERT ON hook_deliveries TO aegis_app;
GRANT SELECT, UPDATE (status, attempts, next_at, updated_at) ON webhook_deliveries TO aegis_app;

GRANT SELECT ON workflows, webhooks TO aegis_engine;
GRANT SELECT, UPDATE (next_at) ON schedules TO aegis_engine;
GRANT SELECT, INSERT, UPDATE (status, error, attempts, due_at), DELETE ON trigger_starts TO aegis_engine;
GRANT SELECT, DELETE ON hook_deliveries TO aegis_engine;
GRANT SELECT, INSERT, UPDATE (status, attempts, next_at, response_code, last_error, updated_at), DELETE
  ON webhook_deliveries TO aegis_engine;
GRANT SELECT, UPDATE (xid, position) ON feed_cursors TO aegis_engine;
