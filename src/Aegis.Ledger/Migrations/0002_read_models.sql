-- Projections: derived, unlogged, dropped and rebuilt from events to the same bytes. PostgreSQL empties unlogged
-- tables after its own crash; the row of read_models_state is gone then too, which is how a rebuild is noticed.
CREATE UNLOGGED TABLE read_models_state (
  only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT read_models_state_one CHECK (only_row),
  version  int NOT NULL
);

CREATE UNLOGGED TABLE plans_read (
  tenant_key int NOT NULL, project_key int NOT NULL, plan_id text NOT NULL,
  name text NOT NULL, workflow_hash text NOT NULL, tasks int NOT NULL, newest_run_id text NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_key, project_key, plan_id)
);

CREATE UNLOGGED TABLE runs_read (
  tenant_key int NOT NULL, project_key int NOT NULL, run_id text NOT NULL,
  plan_id text NOT NULL, name text NOT NULL, status text NOT NULL, reason text NULL, actor text NOT NULL,
  tasks_total int NOT NULL, tasks_done int NOT NULL, cost_usd numeric(18,6) NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, ended_at timestamptz NULL,
  PRIMARY KEY (tenant_key, project_key, run_id)
);
CREATE INDEX runs_read_newest ON runs_read (tenant_key, project_key, created_at DESC, run_id DESC);

-- task_id is unique in the project: it carries its run (DESIGN 7.1), `<run_id>.<step_id>`.
CREATE UNLOGGED TABLE tasks_read (
  tenant_key int NOT NULL, project_key int NOT NULL, task_id text NOT NULL,
  run_id text NOT NULL, step_id text NOT NULL, idx int NOT NULL, tool text NOT NULL,
  status text NOT NULL, owner_agent_id text NULL, attempt int NOT NULL, outcome text NULL, conclusion text NULL,
  exit_code int NULL, error jsonb NULL, log_hash text NULL, log_bytes bigint NULL,
  started_at timestamptz NULL, ended_at timestamptz NULL, updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_key, project_key, task_id)
);
CREATE INDEX tasks_read_run ON tasks_read (tenant_key, project_key, run_id, idx);

CREATE UNLOGGED TABLE task_edges (
  tenant_key int NOT NULL, project_key int NOT NULL, from_task text NOT NULL, to_task text NOT NULL,
  PRIMARY KEY (tenant_key, project_key, from_task, to_task)
);

CREATE UNLOGGED TABLE artifacts_read (
  tenant_key int NOT NULL, project_key int NOT NULL, artifact_id text NOT NULL,
  run_id text NOT NULL, task_id text NOT NULL, path text NOT NULL, hash_curr text NOT NULL, bytes bigint NOT NULL,
  status text NOT NULL,
  PRIMARY KEY (tenant_key, project_key, artifact_id)
);
