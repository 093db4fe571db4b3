-- Locks of a project by name, for all nodes. A request asks for all its names at once; the row is its place in the
-- queue, and with a fence it has them. Who decides holds the project's advisory lock, so decisions of one project
-- come one after another and nobody can wait for each other here; held_locks' primary key keeps two from holding a
-- name whatever a decision got wrong.
CREATE SEQUENCE lock_fences;

CREATE TABLE lock_requests (
  request_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_key   int    NOT NULL REFERENCES tenants,
  project_key  int    NOT NULL REFERENCES projects,
  run_id       text   NOT NULL,
  task         int    NOT NULL,
  names        text[] NOT NULL CONSTRAINT lock_requests_names_count CHECK (cardinality(names) BETWEEN 1 AND 16),
  -- tasks that end after this one: run_id#task
  above        text[] NOT NULL,
  node_key     bigint NOT NULL REFERENCES nodes,
  fence        bigint NULL,
  -- whether the node has heard of the fence
  told         boolean NOT NULL DEFAULT false,
  requested_at timestamptz NOT NULL DEFAULT now(),
  granted_at   timestamptz NULL,
  CONSTRAINT lock_requests_one UNIQUE (tenant_key, project_key, run_id, task)
);
CREATE INDEX lock_requests_untold ON lock_requests (node_key) WHERE fence IS NOT NULL AND NOT told;

CREATE TABLE held_locks (
  tenant_key  int    NOT NULL,
  project_key int    NOT NULL,
  name        text   NOT NULL,
  request_id  bigint NOT NULL REFERENCES lock_requests ON DELETE CASCADE,
  PRIMARY KEY (tenant_key, project_key, name)
);
CREATE INDEX held_locks_request ON held_locks (request_id);

SELECT isolate('lock_requests');
SELECT isolate('held_locks');
GRANT SELECT ON lock_requests, held_locks TO aegis_app;
GRANT SELECT, INSERT, UPDATE (node_key, fence, told, granted_at), DELETE ON lock_requests TO aegis_engine;
GRANT SELECT, INSERT, DELETE ON held_locks TO aegis_engine;
GRANT USAGE ON SEQUENCE lock_fences TO aegis_engine;
